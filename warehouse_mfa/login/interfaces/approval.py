"""Logins that wait for a mailed approval: services, values, refusals."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from translationstring import TranslationString
from zope.interface import Interface

from warehouse_mfa.i18n import _
from warehouse_mfa.login.interfaces.login import LoggedInSession, PendingLogin
from warehouse_mfa.mail.interfaces import MailedLink


class NotApproved(Exception):
    """The login was not approved yet."""

    message = _("This login is not approved yet. Open the link in the mail first.")


class Decision(StrEnum):
    """What became of a login that waits."""

    WAITING = "waiting"
    APPROVED = "approved"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class HeldLogin:
    """Password and second factor were right; the account has to approve the browser."""

    id: UUID
    user_id: UUID
    username: str
    decision: Decision
    is_mailed: bool
    address: str | None
    """Network address of the browser that waits."""
    browser: TranslationString

    @property
    def number(self) -> int:
        """Three digits that both pages show, so that people can tell which login is theirs.

        No secret, and nothing to type: the page behind the link asks for a press only.
        """
        return 100 + self.id.int % 900


@dataclass(frozen=True, slots=True)
class LoginToApprove:
    """A login that waits, as whoever opens the mailed link sees it."""

    link: MailedLink
    login: HeldLogin


class IHeldLoginService(Interface):
    """The side of the browser that waits."""

    def hold(pending: PendingLogin, factor: Any, credential: str, *, is_to_remember: bool) -> bytes:
        """Let a login wait that has proved all it owes; mail a link to the verified addresses.

        `credential` is the label of what was proved. Return the secret for the cookie `waiting`.
        """

    def held(secret: bytes | None) -> HeldLogin | None:
        """Return the login of a cookie, `None` when it cannot be completed any more."""

    def mail_again(login: HeldLogin) -> bool:
        """Mail another link; the earlier ones still work. :raises TooManyAttempts: if so.

        Return whether there was anything left to decide.
        """

    def complete(login: HeldLogin, device_secret: bytes | None) -> LoggedInSession:
        """Use an approval up, and start a session.

        :raises NotApproved: :raises PendingLoginGone: if so.
        """


class ILoginApprovalService(Interface):
    """The side of the mailed link. It never starts a session."""

    def login_of(token: str) -> LoginToApprove:
        """Return what a link is about. :raises LinkInvalid: when that is decided, or too old."""

    def approve(token: str) -> LoginToApprove:
        """Let the browser that waits go on. :raises LinkInvalid: as above."""

    def refuse(token: str) -> LoginToApprove:
        """End the login. :raises LinkInvalid: as above."""
