"""When everything is lost: a request for help, what it proves, and how long it waits."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar
from uuid import UUID

from zope.interface import Interface

from warehouse_mfa.accounts.interfaces import AccountRefusal
from warehouse_mfa.events.interfaces import Event, Personal
from warehouse_mfa.i18n import _

WAIT = timedelta(days=7)
"""So long a request waits after its mailbox was shown, before operators act on it."""


@dataclass(frozen=True, slots=True)
class Loss:
    """What somebody says who has lost everything, as typed."""

    username: str
    address: str
    """Where to reach them."""
    statement: str
    """What they can show."""
    password: str
    """Empty when they do not know it any more."""


@dataclass(frozen=True, slots=True)
class HelpRequest:
    """A request whose mailbox was shown, and which nobody withdrew."""

    id: UUID
    username: str
    address: str
    statement: str
    is_password_right: bool
    is_own_address: bool
    """The address was a verified one of the account when its mailbox was shown."""
    confirmed_at: datetime
    waits_until: datetime


@dataclass(frozen=True, slots=True)
class HelpAsked(Event):
    """Somebody showed that they read an address, and asked for help with an account."""

    tag: ClassVar[str] = "account:help:asked"
    email: Personal
    is_password_right: bool
    is_own_address: bool


@dataclass(frozen=True, slots=True)
class HelpWithdrawn(Event):
    tag: ClassVar[str] = "account:help:withdrawn"
    number: int


class NamedByOtherAddress(AccountRefusal):
    """Whoever reads one mailbox must not learn which account another one belongs to."""

    field = "username"
    message = _("Enter your username, or the same address as below.")


class ILostService(Interface):
    """Takes requests for help. None of them changes anything about an account."""

    def ask(loss: Loss, *, client: str) -> None:
        """Note a request. Takes the same for every name, known or not.

        :raises AddressRefused: when the address is none. :raises NamedByOtherAddress: when the name
            is an address, and not that one. :raises TooManyAttempts: when a password was given, and
            too many failed before.
        """

    def answer() -> None:
        """Mail each address that was given for an account that exists a link to show its mailbox."""

    def username_of(token: str) -> str:
        """Return whose account a link is about. :raises LinkInvalid: when it cannot be used."""

    def confirm(token: str) -> HelpRequest:
        """The mailbox was shown: from now on the request waits, and its account is told.

        :raises LinkInvalid: when the link cannot be used, or the request was withdrawn.
        """

    def withdraw(user_id: UUID) -> None:
        """Withdraw all requests for an account: somebody of it says that it was not them."""

    def requests() -> list[HelpRequest]:
        """Return what waits, and what waited long enough, oldest first."""
