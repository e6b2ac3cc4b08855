"""The tasks of the outbox: hand mails over, and forget them later."""

from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime, formataddr
from uuid import UUID

from pyramid.request import Request
from sqlalchemy import Row, delete, or_, select, update

from warehouse_mfa import logs
from warehouse_mfa.clock import IClock
from warehouse_mfa.db import IUnitOfWork, new_id
from warehouse_mfa.mail.interfaces import ITransport, PermanentFailure, TemporaryFailure
from warehouse_mfa.mail.models import Mail, MailedToken
from warehouse_mfa.settings import Settings

log = logs.get(__name__)
BATCH = 20
LEASE = timedelta(minutes=10)
LAST_START = LEASE - timedelta(minutes=4)  # one mail: some ten SMTP answers of up to 20 s
FIRST_DELAY = timedelta(minutes=1)
LONGEST_DELAY = timedelta(hours=4)
MOST_ATTEMPTS = 24  # about three days
KEPT = timedelta(days=7)
FAILED_KEPT = timedelta(days=30)  # for operators to look into; they name people, too


def deliver(request: Request) -> None:
    """Hand over what is due, a batch. What fails for now is due again later."""
    work: IUnitOfWork = request.find_service(IUnitOfWork)
    clock: IClock = request.find_service(IClock)
    transport: ITransport = request.find_service(ITransport)
    lease = new_id()
    claimed_at = clock.now()
    for mail in _claim(request, lease, claimed_at):
        if clock.now() - claimed_at > LAST_START:
            # The server is slow. What is left is due when the lease ends, for whoever comes first.
            return
        outcome: dict[str, object]
        with work.paused():
            try:
                transport.deliver(_message(mail, request.registry["settings"]))
                outcome = {"sent_at": clock.now(), "last_error": None}
            except PermanentFailure as error:
                outcome = {"failed_at": clock.now(), "last_error": str(error)[:500]}
            except TemporaryFailure as error:
                outcome = _later(mail.attempts, clock.now(), str(error))
        if outcome.get("failed_at"):
            log.warning("mail failed for good", mail=str(mail.id), error=outcome["last_error"])
        request.db.execute(
            update(Mail)
            .where(Mail.id == mail.id, Mail.lease == lease)
            .values(lease=None, **outcome)
        )


def _claim(request: Request, lease: UUID, now: datetime) -> list[Row[tuple[object, ...]]]:
    """Take mails that are due. Of two workers, the row lock and the second condition let one win."""
    is_waiting = (Mail.sent_at.is_(None), Mail.failed_at.is_(None), Mail.due_at <= now)
    due = select(Mail.id).where(*is_waiting).order_by(Mail.due_at).limit(BATCH)
    claimed = request.db.execute(
        update(Mail)
        .where(Mail.id.in_(due.scalar_subquery()), *is_waiting)
        .values(lease=lease, due_at=now + LEASE, attempts=Mail.attempts + 1)
        .returning(
            Mail.id,
            Mail.recipient,
            Mail.subject,
            Mail.text,
            Mail.html,
            Mail.created_at,
            Mail.attempts,
        )
    )
    return list(claimed)


def _later(attempts: int, now: datetime, error: str) -> dict[str, object]:
    if attempts >= MOST_ATTEMPTS:
        return {"failed_at": now, "last_error": error[:500]}
    delay = min(FIRST_DELAY * 2 ** (attempts - 1), LONGEST_DELAY)
    return {"due_at": now + delay, "last_error": error[:500]}


def _message(mail: Row[tuple[object, ...]], settings: Settings) -> EmailMessage:
    """Return the mail as it leaves. :raises PermanentFailure: when it cannot be written as one."""
    message = EmailMessage()
    try:
        message["Subject"] = mail.subject
        message["From"] = formataddr((settings.site_name, settings.mail_from))
        message["To"] = mail.recipient
        message["Date"] = format_datetime(mail.created_at)
        message["Message-ID"] = f"<{mail.id}@{settings.relying_party_id}>"
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834 §5: no answering machine answers
        message.set_content(mail.text)
        message.add_alternative(mail.html, subtype="html")
    except ValueError as error:
        # One such row must not keep the others from leaving.
        raise PermanentFailure(f"not a mail: {error}") from error
    return message


def purge(request: Request) -> None:
    """Delete mails that were sent and links that ended a week ago, and mails given up a month ago."""
    now = request.find_service(IClock).now()
    before = now - KEPT
    is_over = or_(Mail.sent_at < before, Mail.failed_at < now - FAILED_KEPT)
    request.db.execute(delete(Mail).where(is_over))
    request.db.execute(delete(MailedToken).where(MailedToken.expires_at < before))
