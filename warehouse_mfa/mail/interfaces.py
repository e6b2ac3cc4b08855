"""Mails, mailed links, and who sends them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from enum import StrEnum
from typing import Any
from uuid import UUID

from pyramid.request import Request
from pyramid.response import Response
from zope.interface import Interface

from warehouse_mfa.i18n import _


class Purpose(StrEnum):
    """What a mailed link is for. A link works for its own purpose only."""

    VERIFY_EMAIL = "verify-email"
    RESET_PASSWORD = "reset-password"  # noqa: S105 - a name
    NOT_ME = "not-me"
    CONFIRM_LOSS = "confirm-loss"
    CONFIRM_LOGIN = "confirm-login"


class LinkInvalid(Exception):
    """The link was used, is too old, or is not ours."""

    message = _("This link is no longer valid. It may have been used, or it is too old.")


@dataclass(frozen=True, slots=True)
class MailedLink:
    """A link that was mailed and can still be used."""

    id: UUID
    user_id: UUID
    about_id: UUID
    """Id of what the link is about, such as an address."""
    security_epoch: int


class TemporaryFailure(Exception):
    """The mail could not be handed over now: SMTP 4xx, or nobody answered."""


class PermanentFailure(Exception):
    """The mail will never be taken: SMTP 5xx."""


class IMailer(Interface):
    """Puts mails into the outbox."""

    def send(to: str, template: str, *, locale: str, **values: Any) -> None:
        """Render `mail/<template>/{subject.txt,body.txt,body.html}` and queue it for the address `to`.

        It leaves when the transaction has committed, and not if it rolls back.
        """


class ITransport(Interface):
    """Hands mails over."""

    def deliver(message: EmailMessage) -> None:
        """Hand one over. :raises TemporaryFailure: :raises PermanentFailure: if it was not taken."""

    def probe() -> None:
        """Go as far as for a mail, and hand none over. :raises TemporaryFailure: with the reason."""


@dataclass(frozen=True, slots=True)
class QueuedMail:
    """A mail as it stands in the outbox."""

    to: str
    subject: str
    text: str
    html: str
    sent: datetime


@dataclass(frozen=True, slots=True)
class Undelivered:
    """Mails that should have left."""

    failed: int
    """Given up, lately."""
    overdue: int
    """Waiting for longer than a try that failed explains."""


class IOutbox(Interface):
    """Looks into the outbox."""

    def undelivered() -> Undelivered:
        """Return how many mails should have left and have not."""

    def latest(most: int) -> list[QueuedMail]:
        """Return the last mails, newest first."""


class ITokenService(Interface):
    """Links in mails: issued, carried from the link to a clean page, and spent once."""

    def issue(
        purpose: Purpose, user_id: UUID, about_id: UUID, *, security_epoch: int, life: timedelta
    ) -> str:
        """Return a new token of 128 random bits, base64url; the database keeps its digest."""

    def issue_several(
        purpose: Purpose,
        user_id: UUID,
        about_id: UUID,
        number: int,
        *,
        security_epoch: int,
        life: timedelta,
    ) -> list[str]:
        """Return so many tokens like those of `issue`, one for each mail about the same."""

    def void(purpose: Purpose, user_id: UUID) -> None:
        """Let no earlier link of that purpose work for the account any more."""

    def find(purpose: Purpose, token: str) -> MailedLink:
        """Return what a token stands for. :raises LinkInvalid: when it cannot be used."""

    def spend(link: MailedLink) -> None:
        """Use the link up. :raises LinkInvalid: when somebody else was faster."""

    def arrive(request: Request, purpose: Purpose) -> Response | None:
        """Answer a request whose URL holds a token: move it into a sealed cookie, go to the clean URL.

        Return `None` when the URL holds none.
        """

    def carried(request: Request, purpose: Purpose) -> str:
        """Return the token that the browser carries. :raises LinkInvalid: when there is none."""

    def drop(request: Request) -> None:
        """Take the token out of the browser."""
