"""Recovery codes: service, refusals, events."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from zope.interface import Interface

from warehouse_mfa.authz import Identity
from warehouse_mfa.events.interfaces import Event
from warehouse_mfa.factors.interfaces import FEW, FactorRejected, Proof
from warehouse_mfa.i18n import _


class WrongRecoveryCode(FactorRejected):
    def __init__(self) -> None:
        super().__init__(
            _("This is not one of your recovery codes, or it was used before."), "wrong-code"
        )


class NoFactorYet(Exception):
    """Recovery codes help when factors are lost; the account has none to lose."""

    message = _("Set up an authenticator app or a security key first.")


class CodesExist(Exception):
    """The account has codes; new ones replace them only when that is asked for."""

    message = _("You have recovery codes. New ones would end them.")


@dataclass(frozen=True, slots=True)
class RecoveryState:
    """What an account has of recovery codes."""

    left: int
    generated_at: datetime | None
    is_proved: bool
    """One of the codes was typed in again: they are kept somewhere."""

    @property
    def is_low(self) -> bool:
        return 0 < self.left <= FEW


class IRecoveryCodeService(Interface):
    """Generates recovery codes and redeems them."""

    def state(user_id: UUID) -> RecoveryState:
        """Return how many codes are left, and since when."""

    def generate(identity: Identity) -> tuple[str, ...]:
        """Generate eight codes, as people read them; they are shown now and never again.

        :raises CodesExist: when some are left. :raises NoFactorYet: without a factor.
        """

    def regenerate(identity: Identity) -> tuple[str, ...]:
        """Generate eight codes that end all earlier ones. :raises NoFactorYet: without a factor."""

    def prove(identity: Identity, code: str) -> None:
        """Burn one code to show that they are kept.

        :raises WrongRecoveryCode: the failure counts when the caller returns normally.
        :raises TooManyAttempts: before anything was checked.
        """

    def redeem(user_id: UUID, code: str) -> Proof:
        """Use a code up, in one statement. :raises WrongRecoveryCode: if it is none."""


@dataclass(frozen=True, slots=True)
class RecoveryCodesGenerated(Event):
    tag: ClassVar[str] = "account:recovery-codes:generated"
    number: int


@dataclass(frozen=True, slots=True)
class RecoveryCodesProved(Event):
    tag: ClassVar[str] = "account:recovery-codes:proved"
    left: int


@dataclass(frozen=True, slots=True)
class RecoveryCodeRefused(Event):
    """What was typed to show that the codes are kept is none of them."""

    tag: ClassVar[str] = "account:recovery-code:refused"


@dataclass(frozen=True, slots=True)
class RecoveryCodeRedeemed(Event):
    tag: ClassVar[str] = "account:recovery-code:redeemed"
    left: int


@dataclass(frozen=True, slots=True)
class RecoveryCodesRevoked(Event):
    """An operator dropped the key that they hang on, or restored a backup."""

    tag: ClassVar[str] = "account:recovery-codes:revoked"
