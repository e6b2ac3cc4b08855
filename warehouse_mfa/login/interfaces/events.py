"""What login records."""

from dataclasses import dataclass
from typing import ClassVar

from warehouse_mfa.events.interfaces import Event


@dataclass(frozen=True, slots=True)
class PasswordAccepted(Event):
    tag: ClassVar[str] = "account:password:accepted"


@dataclass(frozen=True, slots=True)
class PasswordFailed(Event):
    tag: ClassVar[str] = "account:password:failed"
    reason: str


@dataclass(frozen=True, slots=True)
class PasswordBreached(Event):
    """The right password was found to have become known; recorded once for each password."""

    tag: ClassVar[str] = "account:password:breached"


@dataclass(frozen=True, slots=True)
class LoginRefused(Event):
    """Password or passkey was right, and the account is in a state that nobody logs in to."""

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
class PasskeyLimited(Event):
    """The first attempt beyond a limit to log in with a passkey, which needs no password."""

    tag: ClassVar[str] = "account:passkey:limited"
    limiter: str


@dataclass(frozen=True, slots=True)
class FactorWasStopped(Event):
    """The first attempt after too many failures in a row; the others add up in the counter."""

    tag: ClassVar[str] = "account:factor:stopped"
    stopped: str
    """Name of the factor."""


@dataclass(frozen=True, slots=True)
class LoginHeld(Event):
    """Password and second factor were right, and the browser is not known: it waits."""

    tag: ClassVar[str] = "account:login:held"
    credential: str


@dataclass(frozen=True, slots=True)
class LoginApproved(Event):
    """Whoever reads the mails of the account let the browser that waits go on."""

    tag: ClassVar[str] = "account:login:approved"


@dataclass(frozen=True, slots=True)
class LoginDisowned(Event):
    """Whoever reads the mails of the account said that the login is not theirs."""

    tag: ClassVar[str] = "account:login:disowned"


@dataclass(frozen=True, slots=True)
class LoggedIn(Event):
    tag: ClassVar[str] = "account:login:completed"
    credential: str
    is_known_device: bool


@dataclass(frozen=True, slots=True)
class DeviceRemembered(Event):
    """From now on it is asked for no second factor."""

    tag: ClassVar[str] = "account:device:remembered"


@dataclass(frozen=True, slots=True)
class LoggedInRemembered(Event):
    """With the password, from a remembered device."""

    tag: ClassVar[str] = "account:login:remembered"


@dataclass(frozen=True, slots=True)
class LoggedInWithPassword(Event):
    """With the password alone, where that is enough."""

    tag: ClassVar[str] = "account:login:password"
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
