"""Login: service, values, refusals, events."""

from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from zope.interface import Interface

from warehouse_mfa.accounts.interfaces import PasswordHolder
from warehouse_mfa.authz import Identity
from warehouse_mfa.events.interfaces import Event
from warehouse_mfa.factors.interfaces import FactorRejected, HeldFactors, Prover
from warehouse_mfa.i18n import _
from warehouse_mfa.mail.interfaces import MailedLink
from warehouse_mfa.sessions.interfaces import Device, StartedSession


class PasswordRejected(Exception):
    """One answer for an unknown name and a wrong password."""

    message = _("The username or the password is not right.")


class FactorStopped(FactorRejected):
    """There were too many failures in a row: no answer is looked at until another factor logs in."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "This was wrong too often in a row, so it is not looked at any more. Log in once with "
                "a security key or a recovery code; then it works again."
            ),
            "stopped",
        )


class AccountIsFrozen(Exception):
    """The password was right, so that whoever gave it may be told why it opens nothing."""

    message = _(
        "This account is frozen, so that nobody can log in to it. Ask the people who run this site."
    )


class PendingLoginGone(Exception):
    """The pending login was used, is too old, or what it rests on changed."""

    message = _("This login took too long, or your account changed meanwhile. Start again.")


@dataclass(frozen=True, slots=True)
class LoginAccount:
    """What the password step needs to know of an account."""

    user_id: UUID
    username: str
    password_hash: str | None
    security_epoch: int
    is_frozen: bool
    locale: str
    held: HeldFactors


@dataclass(frozen=True, slots=True)
class PendingLogin:
    """Somebody gave the right password and owes a second factor."""

    id: UUID
    user_id: UUID
    username: str
    security_epoch: int
    locale: str
    next: str
    factors: tuple[Any, ...]
    """The factors (`IFactor`) that it can be completed with, strongest first; none may be left."""

    @property
    def prover(self) -> Prover:
        return Prover(self.user_id, self.security_epoch, b"login:" + self.id.bytes)


@dataclass(frozen=True, slots=True)
class Interrupted:
    """A login that ended before its second factor: what is needed to start it again."""

    username: str
    next: str


@dataclass(frozen=True, slots=True)
class FactorOwed:
    """The password was right; a second factor is owed."""

    secret: bytes
    """For the cookie `login`, 32 random bytes."""
    factors: tuple[Any, ...]
    """Where to go, strongest first."""


@dataclass(frozen=True, slots=True)
class LoggedInSession:
    """The login is complete."""

    session: StartedSession
    device_secret: bytes | None
    """For the cookie `device`, when the browser was not known."""
    locale: str
    """The language that the account has chosen."""
    next: str


class ILoginService(Interface):
    """Logs people in and out."""

    def begin(
        name: str, password: str, *, next: str, device: Device | None, client: str
    ) -> FactorOwed | LoggedInSession:
        """Check a password. It is hashed with no transaction open.

        `client` is the network address. :raises PasswordRejected: :raises PasswordRefused: when it
        is too long to be one; both count when the caller returns normally. :raises AccountIsFrozen:
        when it is right; that counts, too. :raises TooManyAttempts: before anything was checked.
        """

    def pending(secret: bytes | None) -> PendingLogin | None:
        """Return the pending login of a cookie, `None` when it cannot be completed any more."""

    def interrupted(secret: bytes | None) -> Interrupted | None:
        """Return what a pending login that can not be completed any more was about."""

    def complete(
        pending: PendingLogin, factor: Any, answer: str, *, device: Device | None, client: str
    ) -> LoggedInSession:
        """Check a second factor, use the pending login up, and start a session.

        :raises FactorRejected: the failure counts when the caller returns normally.
        :raises TooManyAttempts: before anything was checked. :raises PendingLoginGone: if so.
        """

    def end(identity: Identity) -> None:
        """Log out: end the session."""


class IReauthenticationService(Interface):
    """Lets somebody who is logged in prove a factor again."""

    def prover(identity: Identity) -> Prover:
        """Return on whose behalf and on what occasion a factor is asked for."""

    def complete(
        identity: Identity, factor: Any, answer: str, *, device: Device | None, client: str
    ) -> StartedSession:
        """Check a factor; the session gets another id and a fresh proof, its family stays.

        :raises FactorRejected: the failure counts when the caller returns normally.
        :raises TooManyAttempts: before anything was checked. :raises AccountChanged: if so.
        """


class IPasswordChangeService(Interface):
    """Lets somebody who is logged in replace the password."""

    def change(
        identity: Identity, password: str, new_password: str, *, device: Device | None, client: str
    ) -> None:
        """Replace the password by another one. It is hashed with no transaction open.

        All other sessions end, and whatever rests on the old state; the session is renewed.

        :raises PasswordRejected: when `password` is not that of today; the failure counts.
        :raises PasswordRefused: when the new one breaks a rule.
        :raises TooManyAttempts: before anything was checked. :raises AccountChanged: if so.
        """


@dataclass(frozen=True, slots=True)
class PasswordReset:
    """A reset link that can be used, and what it takes besides."""

    link: MailedLink
    holder: PasswordHolder
    held: HeldFactors

    @property
    def prover(self) -> Prover:
        return Prover(self.link.user_id, self.link.security_epoch, b"reset:" + self.link.id.bytes)


class IResetRequestService(Interface):
    """Takes requests for reset links, and answers them."""

    def ask(name: str, *, client: str) -> None:
        """Note that somebody asks for a link. Takes the same for every name, known or not."""

    def answer() -> None:
        """Mail the links that were asked for, to accounts that exist and within their limits.

        A new link voids an earlier one.
        """


class IPasswordResetService(Interface):
    """Uses reset links, together with the second factor."""

    def reset_of(token: str) -> PasswordReset:
        """Return what a mailed link is about. :raises LinkInvalid: when it cannot be used."""

    def complete(
        reset: PasswordReset, new_password: str, factor: Any | None, answer: str | None
    ) -> None:
        """Replace the password, use the link up, and end every session.

        An account with a second factor needs the answer of one; wrong ones are counted for the
        link and in a budget of their own, so that whoever reads the mailbox does not use up what
        the person needs to log in. No browser is known any more afterwards.

        :raises FactorRejected: the failure counts when the caller returns normally.
        :raises PasswordRefused: when the new one breaks a rule. :raises TooManyAttempts:
        :raises LinkInvalid: when the link was used or voided meanwhile, or too often failed with.
        """


@dataclass(frozen=True, slots=True)
class PasswordAccepted(Event):
    tag: ClassVar[str] = "account:password:accepted"


@dataclass(frozen=True, slots=True)
class PasswordFailed(Event):
    tag: ClassVar[str] = "account:password:failed"
    reason: str


@dataclass(frozen=True, slots=True)
class LoginRefused(Event):
    """The password was right, and the account is in a state that nobody logs in to."""

    tag: ClassVar[str] = "account:login:refused"
    reason: str


@dataclass(frozen=True, slots=True)
class PasswordLimited(Event):
    """The first attempt beyond a limit; the others of its window add up in the counter."""

    tag: ClassVar[str] = "account:password:limited"
    limiter: str


@dataclass(frozen=True, slots=True)
class FactorFailed(Event):
    tag: ClassVar[str] = "account:factor:failed"
    attempted: str
    reason: str


@dataclass(frozen=True, slots=True)
class FactorLimited(Event):
    """The first attempt beyond a limit: somebody knows the password and tries the second factor."""

    tag: ClassVar[str] = "account:factor:limited"
    limiter: str


@dataclass(frozen=True, slots=True)
class FactorWasStopped(Event):
    """The first attempt after too many failures in a row; the others add up in the counter."""

    tag: ClassVar[str] = "account:factor:stopped"
    stopped: str
    """Name of the factor."""


@dataclass(frozen=True, slots=True)
class LoggedIn(Event):
    tag: ClassVar[str] = "account:login:completed"
    credential: str
    is_known_device: bool


@dataclass(frozen=True, slots=True)
class SteppedUp(Event):
    tag: ClassVar[str] = "account:step-up:completed"
    credential: str
    is_reduced: bool


@dataclass(frozen=True, slots=True)
class PasswordChanged(Event):
    tag: ClassVar[str] = "account:password:changed"


@dataclass(frozen=True, slots=True)
class PasswordResetAsked(Event):
    """A link was mailed to one of the verified addresses."""

    tag: ClassVar[str] = "account:password:reset-asked"


@dataclass(frozen=True, slots=True)
class PasswordWasReset(Event):
    tag: ClassVar[str] = "account:password:reset"
    credential: str
    """Label of the second factor that was proved, empty for an account without one."""


@dataclass(frozen=True, slots=True)
class LoggedOut(Event):
    tag: ClassVar[str] = "account:logout"
