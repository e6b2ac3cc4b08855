"""Security keys and passkeys: services, refusals, events."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from zope.interface import Attribute, Interface

from warehouse_mfa.authz import Identity
from warehouse_mfa.events.interfaces import Event
from warehouse_mfa.factors.interfaces import FactorRejected, Proof, Prover
from warehouse_mfa.i18n import _
from warehouse_mfa.webauthn.challenge import NO_FACTS, Audience


class Kind(StrEnum):
    """What a credential was registered as."""

    KEY = "key"
    """A security key: a second factor, asked for after the password."""
    PASSKEY = "passkey"
    """It logs in without a password, and is a second factor, too."""


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


class NoPasskeyMade(RegistrationRefused):
    """What was made cannot be found without a name and a password."""

    message = _(
        "What was made is no passkey: it does not work without a password. Add it as a security key."
    )
    reason = "no-passkey"


class AssertionRejected(FactorRejected):
    def __init__(self, reason: str) -> None:
        super().__init__(_("The security key did not prove that it is yours. Try again."), reason)


class PasskeyRejected(FactorRejected):
    def __init__(self, reason: str) -> None:
        super().__init__(
            _(
                "This did not prove that it is you. Try again, or give your password; a security "
                "key that is no passkey is asked for after it."
            ),
            reason,
        )


class PasskeyUnknown(FactorRejected):
    """No account has it. That may be told: the id of a credential names nobody."""

    def __init__(self) -> None:
        super().__init__(
            _("This passkey is not known here; it may have been removed. Log in another way."),
            "unknown passkey",
        )


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

    def make(audience: Audience, facts: bytes = NO_FACTS) -> bytes:
        """Return a challenge that lives five minutes. Stores nothing.

        `facts` is the SHA-256 of what an answer confirms.
        """

    def spend(audience: Audience, challenge: bytes, facts: bytes = NO_FACTS) -> None:
        """Use a challenge up, in a transaction of its own that commits at once.

        :raises ChallengeInvalid: when it is not for this, confirms other facts, is too old, or was
        used.
        """


class IWebAuthnService(Interface):
    """Registers security keys and checks their assertions."""

    def begin_registration(identity: Identity, kind: Kind) -> dict[str, Any]:
        """Return options for `navigator.credentials.create`, as JSON. L3 §7.1."""

    def complete_registration(
        identity: Identity, kind: Kind, answer: str, *, label: str, otherwise: str = ""
    ) -> UUID:
        """Register the credential of `answer`, the JSON text of `toJSON()`. It counts as proof.

        With an empty `label` it is called after what keeps it, or `otherwise` where nobody knows
        what that is, with a number behind it if the account has one of that name.

        The answer must be one to the options of the same kind.

        :raises RegistrationRefused: :raises AccountChanged: :raises BadInput: if it is no object.
        """

    def accepted(identity: Identity) -> dict[str, Any]:
        """Return which credentials the account has, and what it is called, as the browser's signals
        name these: rpId, userId, name, displayName, allAcceptedCredentialIds. L3 §5.1.10.

        Suspended ones are among them: their owner has not removed them.
        """

    def begin_authentication(prover: Prover) -> dict[str, Any]:
        """Return options for `navigator.credentials.get`, as JSON; they name own keys only. §7.2.

        :raises FactorNotSetUp: when the account has no key that may log in.
        """

    def complete_authentication(prover: Prover, answer: str) -> Proof:
        """Check an assertion and use its challenge up. :raises FactorRejected: if it proves nothing."""


@dataclass(frozen=True, slots=True)
class PasskeyClaim:
    """An answer, and whose passkey it says it is of. Nothing is proved yet."""

    user_id: UUID | None
    """`None` when no account has such a credential."""
    credential: dict[str, Any]
    record: Any


class IPasskeyService(Interface):
    """Checks passkeys of people who have not said who they are."""

    factor = Attribute("Name of the factor that a passkey is a credential of.")

    def begin_login(occasion: bytes) -> dict[str, Any]:
        """Return options for `navigator.credentials.get`, as JSON. They name no credential. §7.2.

        Reads and writes nothing. `occasion` is what belongs to the browser that asks.
        """

    def read(answer: str) -> PasskeyClaim:
        """Read an answer, the JSON text of `toJSON()`. :raises BadInput: if it is no object."""

    def complete_login(occasion: bytes, claim: PasskeyClaim) -> Proof:
        """Check a claim and use its challenge up; afterwards the account is that of the claim.

        It commits what was done before. :raises FactorRejected: if it proves nothing.
        """


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
class PasskeyRegistered(Event):
    """As `KeyRegistered`; this one logs in without a password."""

    tag: ClassVar[str] = "account:passkey:registered"
    label: str
    credential_id: str
    public_key: str
    aaguid: str


@dataclass(frozen=True, slots=True)
class PossibleCloneSeen(Event):
    tag: ClassVar[str] = "account:webauthn:possible-clone"
    label: str
    stored_count: int
    sent_count: str
