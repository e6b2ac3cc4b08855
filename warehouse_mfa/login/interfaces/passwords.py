"""Changing the password, and resetting a forgotten one."""

from dataclasses import dataclass
from typing import Any

from zope.interface import Interface

from warehouse_mfa.accounts.interfaces import PasswordHolder
from warehouse_mfa.authz import Identity
from warehouse_mfa.factors.interfaces import HeldFactors, Prover
from warehouse_mfa.mail.interfaces import MailedLink
from warehouse_mfa.sessions.interfaces import Device


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
