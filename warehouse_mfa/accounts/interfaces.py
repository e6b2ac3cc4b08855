"""Accounts: services, values, refusals and events."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from translationstring import TranslationString
from zope.interface import Interface

from warehouse_mfa.authz import Identity
from warehouse_mfa.crypto import PasswordMatch
from warehouse_mfa.events.interfaces import Event, Personal
from warehouse_mfa.i18n import _
from warehouse_mfa.mail.interfaces import MailedLink
from warehouse_mfa.sessions.interfaces import StartedSession

# Refusals


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


class AddressBookRefusal(AccountRefusal):
    """Base of what the address book refuses."""


class AddressRefused(AddressBookRefusal):
    field = "email"
    message = _("This does not look like an email address. Check it, such as name@example.org.")


class AddressTaken(AccountRefusal):
    """The address has been verified by another account meanwhile."""

    message = _("This address belongs to another account, so it cannot be verified for this one.")


class AddressNotYours(AddressBookRefusal):
    field = "public_email"
    message = _("This is not a verified address of your account.")


class AddressKnown(AddressBookRefusal):
    field = "email"
    message = _("Your account has this address already.")


class TooManyAddresses(AddressBookRefusal):
    field = "email"
    message = _("Your account has as many addresses as it can have. Remove one first.")


class PrimaryStays(AddressBookRefusal):
    message = _(
        "This is your primary address, which stays. Make another verified address the primary one, "
        "then remove this one."
    )


class NotVerifiedYet(AddressBookRefusal):
    message = _("Verify this address before you make it the primary one.")


class ClaimChanged(AccountRefusal):
    """The address was replaced or verified by another request at the same time."""

    message = _(
        "Your address was changed or verified in another place meanwhile. Reload this page."
    )


class PasswordRefused(AccountRefusal):
    """The password breaks a rule; `message` says which."""

    field = "new_password"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class AccountChanged(AccountRefusal):
    """Something about the account changed meanwhile; the session that asks has ended."""

    message = _("Your account was changed in another place meanwhile. Log in again.")


class FrozenAlready(AccountRefusal):
    message = _("This account is frozen already.")


class NotFrozen(AccountRefusal):
    message = _("This account is not frozen.")


# Values


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
class Email:
    """An address of an account."""

    id: UUID
    user_id: UUID
    address: str
    is_verified: bool


@dataclass(frozen=True, slots=True)
class ListedEmail:
    """An address as the page of all addresses shows it."""

    id: UUID
    address: str
    is_primary: bool
    is_verified: bool
    lapses_at: datetime | None
    """When it is dropped unless somebody verifies it; `None` for a verified one."""


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
class ListedSession:
    """A session as its owner sees it."""

    family_id: UUID
    """It goes by its family: its id changes while a page is read."""
    factor: str | None
    started_at: datetime
    last_seen_at: datetime
    address: str | None
    browser: TranslationString | None
    is_this: bool
    """It is the one that asks."""


@dataclass(frozen=True, slots=True)
class ListedDevice:
    """A known browser as its owner sees it."""

    id: UUID
    known_since: datetime
    last_used_at: datetime
    address: str | None
    browser: TranslationString | None
    is_this: bool
    remembered_until: datetime | None
    """Until then it is asked for no second factor."""


@dataclass(frozen=True, slots=True)
class DevicePage:
    """A part of the known browsers, newest first."""

    devices: tuple[ListedDevice, ...]
    older: UUID | None
    """What to ask for as `before`; `None` when this is the last part."""


@dataclass(frozen=True, slots=True)
class PasswordHolder:
    """Whose password is to be changed."""

    user_id: UUID
    username: str
    address: str
    """The primary address, empty when there is none."""
    stored: str | None
    """The hash, `None` while no password can be entered."""


@dataclass(frozen=True, slots=True)
class Claim:
    """What a verification link is about: who claims which address."""

    link: MailedLink
    email: Email
    username: str
    is_additional: bool
    """The account has verified an address before."""


@dataclass(frozen=True, slots=True)
class NewAccount:
    """What somebody gives to register, as typed."""

    username: str
    email: str
    name: str
    password: str


@dataclass(frozen=True, slots=True)
class PasswordRules:
    """What a page can say of a new password while it is typed. `check` has the last word."""

    least: int
    """Code points after NFKC."""
    most: int
    words: tuple[str, ...]
    """What an attacker tries first here, whoever the person is."""
    too_short: str
    too_long: str
    is_about_you: str
    """The sentences of `check`, marked strings."""


# Services


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
        """Return the epoch, which stays until the transaction ends: for who acts from outside."""

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


class IPasswordService(Interface):
    """Rules and hashes of passwords. `hash`, `verify`, `is_breached`: with no transaction open."""

    def rules() -> PasswordRules:
        """Return the rules that can be told beforehand."""

    def check(password: str, *, username: str, address: str) -> None:
        """Check a new password against the rules. :raises PasswordRefused: with the one it breaks."""

    def refuse_breached(password: str) -> None:
        """Pause, and refuse a new password that has become known. :raises PasswordRefused:"""

    def is_breached(password: str) -> bool:
        """Tell whether a password has become known, which may take a second."""

    def mark_breached(user_id: UUID, stored: str) -> bool:
        """Note that the password of a hash has become known; tell whether this is news."""

    def hash(password: str) -> str:
        """Return the hash of a password, normalized. NIST SP 800-63B-4 §3.1.1.2."""

    def verify(password: str, stored: str | None) -> PasswordMatch:
        """Compare a typed password with a stored hash; with `None` it takes as long."""

    def holder(user_id: UUID) -> PasswordHolder:
        """Return whose password it is. :raises AccountChanged: when the account is gone."""

    def replace(holder: PasswordHolder, hashed: str) -> None:
        """Replace the hash by that of another password.

        :raises AccountChanged: when it was replaced meanwhile.
        """

    def upgrade(user_id: UUID, stored: str, upgraded: str) -> None:
        """Replace a hash by a stronger one of the same password, unless it changed meanwhile."""


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


class IEmailService(Interface):
    """Addresses: claimed, verified, disowned."""

    def primary(user_id: UUID) -> Email | None:
        """Return the primary address."""

    def claim_instead(user_id: UUID, address: str, *, address_of_client: str) -> None:
        """Replace the unverified primary address and mail a link to the new one.

        :raises AddressRefused: if it is none. :raises ClaimChanged: if somebody was faster.
        """

    def send_verification(user_id: UUID, email_id: UUID, *, address_of_client: str) -> None:
        """Mail the link for an unverified address of that account, within limits that do not show."""

    def claim_of(token: str) -> Claim:
        """Return what a mailed link is about. :raises LinkInvalid: when it cannot be used."""

    def verify(token: str) -> Claim:
        """Verify the address. :raises LinkInvalid: :raises AddressTaken: if it cannot be."""

    def disown(token: str) -> Claim:
        """Drop the claim: whoever reads the address says that the account is not theirs.

        :raises LinkInvalid: when the link cannot be used.
        """


class IAddressBook(Interface):
    """The addresses of somebody who is logged in. Each change waits for the one before it.

    All raise `AccountChanged` when the session that asks has ended meanwhile.
    """

    def addresses(user_id: UUID) -> list[ListedEmail]:
        """Return all addresses, the primary one first, then in the order of their adding."""

    def add(identity: Identity, address: str, *, address_of_client: str) -> None:
        """Claim one more address, and mail a link to it.

        One that somebody has verified gets the same answer, and its owner a mail.

        :raises AddressRefused: if it is none. :raises AddressKnown: when the account has it.
        :raises TooManyAddresses: when there are ten.
        """

    def remove(identity: Identity, email_id: UUID) -> None:
        """Remove an address, and void reset links. Removing one that is gone changes nothing.

        So an account keeps a verified one. :raises PrimaryStays: when it is the primary one.
        """

    def make_primary(identity: Identity, email_id: UUID) -> None:
        """Make a verified address the primary one. Ends what `IAccountChangeService.changed` does.

        :raises NotVerifiedYet: when nobody has verified it, or it is not there.
        """


class IProfileService(Interface):
    """What people say about themselves: nothing that security rests on."""

    def profile(user_id: UUID) -> OwnProfile:
        """Return what is said now."""

    def change(user_id: UUID, profile: Profile) -> None:
        """Say something else. :raises AddressNotYours: when that address cannot be public."""


class IPresenceService(Interface):
    """Where somebody is logged in, and which browsers are known to be theirs."""

    def sessions(identity: Identity) -> list[ListedSession]:
        """Return the sessions that are alive, the last used first."""

    def end(identity: Identity, family_id: UUID) -> None:
        """End a session of one's own. Ending one that is over changes nothing."""

    def end_others(identity: Identity) -> int:
        """End every session but the one that asks; return how many those were."""

    def devices(identity: Identity, before: UUID | None = None) -> DevicePage:
        """Return the newest 20 known browsers, or the newest 20 before that one."""

    def forget(identity: Identity, device_id: UUID) -> None:
        """Know a browser of one's own no longer. Forgetting it twice changes nothing."""


# Events


@dataclass(frozen=True, slots=True)
class AccountRegistered(Event):
    tag: ClassVar[str] = "account:registered"
    username: str


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
class AccountFrozen(Event):
    tag: ClassVar[str] = "account:frozen"


@dataclass(frozen=True, slots=True)
class AccountUnfrozen(Event):
    tag: ClassVar[str] = "account:unfrozen"


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
