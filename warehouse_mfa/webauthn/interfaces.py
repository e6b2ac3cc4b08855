"""Security keys: services, refusals, events."""

from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from zope.interface import Interface

from warehouse_mfa.authz import Identity
from warehouse_mfa.events.interfaces import Event
from warehouse_mfa.factors.interfaces import FactorRejected, Proof, Prover
from warehouse_mfa.i18n import _
from warehouse_mfa.webauthn.challenge import Audience


class RegistrationRefused(Exception):
    """A key cannot be registered; `field` names the field that it is about."""

    field: str | None = None
    message = _("The security key could not be registered. Try again.")
    reason = "refused"


class KeyLabelTaken(RegistrationRefused):
    field = "label"
    message = _("You have another security key with this name. Choose a different one.")
    reason = "label-taken"


class TooManyKeys(RegistrationRefused):
    message = _("You have as many security keys as an account can have. Remove one first.")
    reason = "too-many"


class AlreadyRegistered(RegistrationRefused):
    """Some account has a credential with that id. The message does not say whose."""

    message = _("This security key cannot be registered here. Use another one.")
    reason = "already-registered"


class AssertionRejected(FactorRejected):
    def __init__(self, reason: str) -> None:
        super().__init__(_("The security key did not prove that it is yours. Try again."), reason)


class PossibleClone(FactorRejected):
    """The counter of the key went back. The key is suspended."""

    is_recorded = True

    def __init__(self) -> None:
        super().__init__(
            _(
                "This security key was stopped, because its counter went back: somebody may have "
                "a copy of it. Log in another way, then replace the key."
            ),
            "possible-clone",
        )


class IChallengeService(Interface):
    """Makes challenges, and spends them."""

    def make(audience: Audience) -> bytes:
        """Return a challenge that lives five minutes. Stores nothing."""

    def spend(audience: Audience, challenge: bytes) -> None:
        """Use a challenge up, in a transaction of its own that commits at once.

        :raises ChallengeInvalid: when it is not for this, too old, or was used.
        """


class IWebAuthnService(Interface):
    """Registers security keys and checks their assertions."""

    def begin_registration(identity: Identity) -> dict[str, Any]:
        """Return options for `navigator.credentials.create`, as JSON. L3 §7.1."""

    def complete_registration(identity: Identity, answer: str, *, label: str) -> UUID:
        """Register the credential of `answer`, the JSON text of `toJSON()`. It counts as proof.

        :raises RegistrationRefused: :raises AccountChanged: :raises BadInput: if it is no object.
        """

    def begin_authentication(prover: Prover) -> dict[str, Any]:
        """Return options for `navigator.credentials.get`, as JSON; they name own keys only. §7.2.

        :raises FactorNotSetUp: when the account has no key that may log in.
        """

    def complete_authentication(prover: Prover, answer: str) -> Proof:
        """Check an assertion and use its challenge up. :raises FactorRejected: if it proves nothing."""


@dataclass(frozen=True, slots=True)
class KeyRegistered(Event):
    tag: ClassVar[str] = "account:webauthn:registered"
    label: str
    credential_id: str
    """Base64url, no padding."""
    public_key: str
    """COSE_Key, base64url: evidence signed by it can be checked after the key is gone."""
    aaguid: str


@dataclass(frozen=True, slots=True)
class PossibleCloneSeen(Event):
    tag: ClassVar[str] = "account:webauthn:possible-clone"
    label: str
    stored_count: int
    sent_count: str
