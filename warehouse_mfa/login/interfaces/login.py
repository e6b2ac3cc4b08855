"""Logging in: service, values, refusals."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from zope.interface import Interface

from warehouse_mfa.authz import Identity
from warehouse_mfa.factors.interfaces import FactorRejected, HeldFactors, Prover
from warehouse_mfa.i18n import _
from warehouse_mfa.sessions.interfaces import Device, StartedSession


class PasswordRejected(Exception):
    """One answer for an unknown name and a wrong password."""

    message = _("The username or the password is not right.")


class AccountIsFrozen(Exception):
    """Password or passkey was right, so that who gave it may be told why it opens nothing."""

    message = _(
        "This account is frozen, so that nobody can log in to it. Ask the people who run this site."
    )


class PasswordIsBreached(Exception):
    """The password was right and has become known, and no second factor stands behind it."""

    message = _(
        "Your password was stolen from another site, so it does not open your account any more. "
        "Press “Forgot your password?”, and choose another one with the link that we mail you."
    )


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
    is_superuser: bool
    is_verified: bool
    """Whether a link to another password can be mailed to it."""
    probation_until: datetime | None
    locale: str
    device: Device | None
    """The browser that asks, when this account knows it."""
    held: HeldFactors


@dataclass(frozen=True, slots=True)
class PendingLogin:
    """Somebody gave the right password and owes a second factor."""

    id: UUID
    user_id: UUID
    username: str
    security_epoch: int
    is_superuser: bool
    probation_until: datetime | None
    locale: str
    next: str
    device: Device | None
    """The browser that asks, when this account knows it."""
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
class ApprovalOwed:
    """The second factor was right; the login waits until it is approved by mail."""

    secret: bytes
    """For the cookie `waiting`, 32 random bytes."""


@dataclass(frozen=True, slots=True)
class LoggedInSession:
    """The login is complete."""

    session: StartedSession
    device_secret: bytes | None
    """For the cookie `device`, when the browser was not known."""
    locale: str
    """The language that the account has chosen."""
    next: str
    remember_secret: bytes | None = None
    """For the cookie `remember`, when the browser is to be remembered."""


class ILoginService(Interface):
    """Logs people in and out."""

    def begin(
        name: str, password: str, *, next: str, device_secret: bytes | None, client: str
    ) -> FactorOwed | LoggedInSession:
        """Check a password. It is hashed with no transaction open.

        A remembered browser owes no second factor; its session is as if that was long ago.

        `device_secret` is what the cookie of a known browser holds, `client` the network address.

        :raises PasswordRejected: :raises PasswordRefused: when it is too long to be one; both count
        when the caller returns normally. :raises AccountIsFrozen: when it is right; that counts,
        too. :raises TooManyAttempts: before anything was checked.
        """

    def pending(secret: bytes | None, device_secret: bytes | None) -> PendingLogin | None:
        """Return the pending login of a cookie, `None` when it cannot be completed any more."""

    def interrupted(secret: bytes | None) -> Interrupted | None:
        """Return what a pending login that can not be completed any more was about."""

    def may_remember(pending: PendingLogin, factor: Any) -> bool:
        """Tell whether the browser may be remembered once it has proved this factor.

        Never for superusers, and not by what only helps when factors are lost.
        """

    def complete(
        pending: PendingLogin,
        factor: Any,
        answer: str,
        *,
        client: str,
        is_to_remember: bool = False,
    ) -> LoggedInSession | ApprovalOwed:
        """Check a second factor, use the pending login up, and start a session.

        Where the setting says so, no session starts after a factor that a false site can ask for, in
        a browser that the account does not know: that login waits. With `is_to_remember` the browser
        is remembered, if it may be.

        :raises FactorRejected: the failure counts when the caller returns normally.
        :raises TooManyAttempts: before anything was checked. :raises PendingLoginGone: if so.
        """

    def end(identity: Identity) -> None:
        """Log out: end the session."""
