"""Login: service, values, refusals, events."""

from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from zope.interface import Interface

from warehouse_mfa.authz import Identity
from warehouse_mfa.events.interfaces import Event
from warehouse_mfa.factors.interfaces import HeldFactors, Prover
from warehouse_mfa.i18n import _
from warehouse_mfa.sessions.interfaces import Device, StartedSession


class PasswordRejected(Exception):
    """One answer for an unknown name and a wrong password."""

    message = _("The username or the password is not right.")


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
    held: HeldFactors


@dataclass(frozen=True, slots=True)
class PendingLogin:
    """Somebody gave the right password and owes a second factor."""

    id: UUID
    user_id: UUID
    username: str
    security_epoch: int
    next: str
    factors: tuple[Any, ...]
    """The factors (`IFactor`) that it can be completed with, strongest first; none may be left."""

    @property
    def prover(self) -> Prover:
        return Prover(self.user_id, self.security_epoch, self.id.bytes)


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
    next: str


class ILoginService(Interface):
    """Logs people in and out."""

    def begin(
        name: str, password: str, *, next: str, device: Device | None, client: str
    ) -> FactorOwed | LoggedInSession:
        """Check a password. It is hashed with no transaction open.

        `client` is the network address. :raises PasswordRejected: :raises PasswordRefused: when it
        is too long to be one. :raises TooManyAttempts: before anything was checked.
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


@dataclass(frozen=True, slots=True)
class PasswordAccepted(Event):
    tag: ClassVar[str] = "account:password:accepted"


@dataclass(frozen=True, slots=True)
class PasswordFailed(Event):
    tag: ClassVar[str] = "account:password:failed"
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
class LoggedIn(Event):
    tag: ClassVar[str] = "account:login:completed"
    credential: str
    is_known_device: bool


@dataclass(frozen=True, slots=True)
class LoggedOut(Event):
    tag: ClassVar[str] = "account:logout"
