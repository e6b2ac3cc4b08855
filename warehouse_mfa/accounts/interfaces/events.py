"""What accounts record."""

from dataclasses import dataclass
from typing import ClassVar

from warehouse_mfa.events.interfaces import Event, Personal


@dataclass(frozen=True, slots=True)
class AccountRegistered(Event):
    tag: ClassVar[str] = "account:registered"
    username: str


@dataclass(frozen=True, slots=True)
class AccountDeleted(Event):
    """By its owner. Its name is never given to anybody else."""

    tag: ClassVar[str] = "account:deleted"
    account: str
    """Its username."""


@dataclass(frozen=True, slots=True)
class AccountLapsed(Event):
    """Nobody verified an address in time: the account is gone, and its name is free."""

    tag: ClassVar[str] = "account:lapsed"
    username: str


@dataclass(frozen=True, slots=True)
class EmailVerified(Event):
    tag: ClassVar[str] = "account:email:verified"
    email_id: str
    email: Personal


@dataclass(frozen=True, slots=True)
class EmailClaimed(Event):
    tag: ClassVar[str] = "account:email:claimed"
    email_id: str
    email: Personal


@dataclass(frozen=True, slots=True)
class EmailRemoved(Event):
    tag: ClassVar[str] = "account:email:removed"
    email_id: str
    email: Personal
    was_verified: bool


@dataclass(frozen=True, slots=True)
class PrimaryEmailChanged(Event):
    tag: ClassVar[str] = "account:email:primary-changed"
    email_id: str
    email: Personal


@dataclass(frozen=True, slots=True)
class EmailDisowned(Event):
    tag: ClassVar[str] = "account:email:disowned"
    email_id: str
    email: Personal


@dataclass(frozen=True, slots=True)
class EmailLapsed(Event):
    """Nobody verified the address in time, for an account that goes on without it."""

    tag: ClassVar[str] = "account:email:lapsed"
    email_id: str
    email: Personal


@dataclass(frozen=True, slots=True)
class AccountExported(Event):
    """All that is kept about the account was handed out to whoever was logged in."""

    tag: ClassVar[str] = "account:exported"


@dataclass(frozen=True, slots=True)
class AccountFrozen(Event):
    tag: ClassVar[str] = "account:frozen"


@dataclass(frozen=True, slots=True)
class AccountUnfrozen(Event):
    tag: ClassVar[str] = "account:unfrozen"


@dataclass(frozen=True, slots=True)
class NotMeSaid(Event):
    """Whoever got a mail about the account said that it was not them: publishing is held."""

    tag: ClassVar[str] = "account:not-me:said"


@dataclass(frozen=True, slots=True)
class HoldLifted(Event):
    """By its owner: publishing goes on."""

    tag: ClassVar[str] = "account:not-me:lifted"


@dataclass(frozen=True, slots=True)
class SessionsEnded(Event):
    """All of them, by an operator."""

    tag: ClassVar[str] = "account:sessions:ended"


@dataclass(frozen=True, slots=True)
class OneSessionEnded(Event):
    """By its owner, from another one."""

    tag: ClassVar[str] = "account:session:ended"


@dataclass(frozen=True, slots=True)
class OtherSessionsEnded(Event):
    """By their owner."""

    tag: ClassVar[str] = "account:session:others-ended"
    number: int


@dataclass(frozen=True, slots=True)
class DeviceForgotten(Event):
    tag: ClassVar[str] = "account:device:forgotten"


@dataclass(frozen=True, slots=True)
class DatabaseRestored(Event):
    """A backup was restored: what happened after it is not in this trail."""

    tag: ClassVar[str] = "site:database:restored"
    accounts: int
