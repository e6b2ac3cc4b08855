"""Authenticator applications: service, refusals, events."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from zope.interface import Interface

from warehouse_mfa.authz import Identity
from warehouse_mfa.events.interfaces import Event
from warehouse_mfa.factors.interfaces import FactorRejected, Proof
from warehouse_mfa.i18n import _


class EnrollmentRefused(Exception):
    """An application cannot be enrolled; `field` names the field that it is about."""

    field: str | None = None
    message: str = ""


class WrongFirstCode(EnrollmentRefused):
    field = "totp_value"
    message = _(
        "This is not a code of this setup key. Enter the six digits that the app shows now. "
        "If it goes on, check that the clock of the device is right."
    )


class LabelTaken(EnrollmentRefused):
    field = "label"
    message = _("You have another app with this name. Choose a different one.")


class TooManyApplications(EnrollmentRefused):
    message = _("You have as many apps as an account can have. Remove one first.")


class WrongCode(FactorRejected):
    def __init__(self) -> None:
        super().__init__(
            _("This code is not right. Enter the one the app shows now."), "wrong-code"
        )


class SpentCode(FactorRejected):
    def __init__(self) -> None:
        super().__init__(_("This code was already used. Wait for the next one."), "spent-code")


@dataclass(frozen=True, slots=True)
class Enrollment:
    """An application about to be enrolled; it lives in a sealed cookie until its first code."""

    secret: bytes
    """20 raw bytes."""
    groups: tuple[str, ...]
    """The secret in Base32, groups of four, for typing."""
    provisioning_uri: str
    """`otpauth://totp/…`"""


class ITOTPService(Interface):
    """Enrolls authenticator applications and checks their codes."""

    def begin_enrollment(username: str, secret: bytes | None = None) -> Enrollment:
        """Return an enrollment with a new secret, or again that of `secret`. Stores nothing."""

    def complete_enrollment(identity: Identity, secret: bytes, *, label: str, code: str) -> UUID:
        """Enroll the application that showed `code`, which counts as spent and as proof.

        :raises EnrollmentRefused: by field. :raises AccountChanged: when the account changed.
        """

    def verify(user_id: UUID, code: str) -> Proof:
        """Spend a code of any application of the account. RFC 6238 §5.2: a step is taken once.

        :raises WrongCode: :raises SpentCode: :raises FactorNotSetUp: when it proves nothing.
        """


@dataclass(frozen=True, slots=True)
class TOTPEnrolled(Event):
    tag: ClassVar[str] = "account:totp:enrolled"
    label: str


@dataclass(frozen=True, slots=True)
class TOTPRevoked(Event):
    """An operator gave up the key that the secret was encrypted with."""

    tag: ClassVar[str] = "account:totp:revoked"
    label: str
