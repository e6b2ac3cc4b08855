"""Accounts themselves: who they are, how they begin, what state they are in."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from zope.interface import Interface

from warehouse_mfa.authz import Identity
from warehouse_mfa.i18n import _
from warehouse_mfa.sessions.interfaces import StartedSession


class AccountRefusal(Exception):
    """Base of what an account service refuses; `field` names the field that it is about."""

    field: str | None = None
    message: str = ""


class UsernameTaken(AccountRefusal):
    field = "username"
    message = _("This username is taken. Choose another one.")


class UsernameRefused(AccountRefusal):
    field = "username"
    message = _(
        "A username has up to 50 letters from a to z, digits, dots, dashes and underscores, "
        "and begins and ends with a letter or a digit."
    )


class AccountChanged(AccountRefusal):
    """Something about the account changed meanwhile; the session that asks has ended."""

    message = _("Your account was changed in another place meanwhile. Log in again.")


class FrozenAlready(AccountRefusal):
    message = _("This account is frozen already.")


class NotFrozen(AccountRefusal):
    message = _("This account is not frozen.")


@dataclass(frozen=True, slots=True)
class Account:
    """An account as its pages show it."""

    user_id: UUID
    username: str
    name: str
    locale: str
    joined_at: datetime
    address: str | None
    """The primary address, `None` when its claim was dropped."""
    is_verified: bool
    user_handle: bytes
    """Opaque WebAuthn user handle, 64 random bytes. WebAuthn L3 §5.4.3."""
    security_epoch: int
    is_superuser: bool
    frozen_at: datetime | None
    password_breached_at: datetime | None
    """When the password was found to have become known."""


@dataclass(frozen=True, slots=True)
class Profile:
    """What people say about themselves."""

    name: str
    public_address: str
    """The address that others see, empty for none."""
    locale: str
    time_zone: str
    """Name in the tz database."""


@dataclass(frozen=True, slots=True)
class OwnProfile:
    """A profile, as its owner changes it."""

    username: str
    addresses: tuple[str, ...]
    """The verified ones, which may be public."""
    profile: Profile


@dataclass(frozen=True, slots=True)
class NewAccount:
    """What somebody gives to register, as typed."""

    username: str
    email: str
    name: str
    password: str


class IUserService(Interface):
    """Knows accounts."""

    def account(user_id: UUID) -> Account | None:
        """Return the account."""

    def account_by_username(username: str) -> Account | None:
        """Return the account with that username, in any case."""

    def accounts() -> list[Account]:
        """Return all accounts, oldest first."""

    def change_locale(user_id: UUID, locale: str) -> None:
        """Keep the language of the account's mails, one of `i18n.LANGUAGES`."""

    def raise_security_epoch(user_id: UUID, expected: int) -> int:
        """End everything that rests on how the account was; return the new epoch.

        :raises AccountChanged: when the epoch is not `expected` any more.
        """

    def locked_security_epoch(user_id: UUID) -> int:
        """Return the epoch, which stays until the transaction ends: for who acts from outside.

        :raises AccountChanged: when there is no such account any more.
        """

    def raise_security_epochs() -> int:
        """Raise the epoch of every account beyond any that it may have had; return their number."""


class IAccountChangeService(Interface):
    """Says that something changed which an account's security rests on, by whoever is logged in."""

    def changed(identity: Identity, *, factor: str | None = None, is_reduced: bool = False) -> None:
        """End all other sessions and whatever rests on the old state, and renew this session.

        With a `factor`, which was just proved, the session has proved it, and is reduced or not.

        :raises AccountChanged: when something else changed the account meanwhile.
        """


class IAccountStateService(Interface):
    """What operators do to an account as a whole. Each ends all that rests on how it was.

    Sessions, pending logins, mailed links and challenges end with their next use.
    """

    def freeze(user_id: UUID) -> None:
        """Let nobody log in to the account. :raises FrozenAlready: when that is so."""

    def unfreeze(user_id: UUID) -> None:
        """Let its people log in again. :raises NotFrozen: when they may."""

    def end_sessions(user_id: UUID) -> None:
        """End every session and all that is under way; its people may log in again at once."""


class IRestorationService(Interface):
    """Makes a database safe to serve again after a backup was restored."""

    def restored() -> dict[str, int]:
        """End, for everybody, what rests on how things were; return what was done to how many rows.

        What was spent or ended after the backup cannot be used again.
        """


class IRegistrationService(Interface):
    """Makes accounts."""

    def register(new: NewAccount, *, address_of_client: str) -> StartedSession:
        """Make an account with an unverified address, mail the link, and start a session.

        A taken verified address gets the same answer, and its owner a mail.

        :raises AccountRefusal: by field. :raises TooManyAttempts: for the client's address.
        """

    def create_account(new: NewAccount, *, is_verified: bool, is_superuser: bool) -> UUID:
        """Make an account for an operator. An empty password can never be entered.

        :raises AccountRefusal: by field, also for an address that somebody has verified.
        """


class IAccountExportService(Interface):
    """Hands a person all that is kept about them."""

    def export(identity: Identity) -> dict[str, Any]:
        """Return it as values for JSON, and record that it was handed out.

        `site`, `exported_at`, and the sections of `IPersonalData`; `static/schemas/account.json`
        describes them.
        """


class IProfileService(Interface):
    """What people say about themselves: nothing that security rests on."""

    def profile(user_id: UUID) -> OwnProfile:
        """Return what is said now."""

    def change(user_id: UUID, profile: Profile) -> None:
        """Say something else. :raises AddressNotYours: when that address cannot be public."""
