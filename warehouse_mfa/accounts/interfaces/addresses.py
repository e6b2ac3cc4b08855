"""Addresses of an account: claimed, verified, listed, removed."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from zope.interface import Interface

from warehouse_mfa.accounts.interfaces.accounts import AccountRefusal
from warehouse_mfa.authz import Identity
from warehouse_mfa.i18n import _
from warehouse_mfa.mail.interfaces import MailedLink


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
class Claim:
    """What a verification link is about: who claims which address."""

    link: MailedLink
    email: Email
    username: str
    is_additional: bool
    """The account has verified an address before."""


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
