"""The tasks of the outbox: hand mails over, and forget them later."""

from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime, formataddr
from uuid import UUID

from pyramid.request import Request
from sqlalchemy import Row, bindparam, delete, or_, select, update

from warehouse_mfa import logs
from warehouse_mfa.clock import IClock
from warehouse_mfa.db import IUnitOfWork, new_id, table_of
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

MAILS = table_of(Mail)
TOKENS = table_of(MailedToken)
IS_WAITING = (
    MAILS.c.sent_at.is_(None),
    MAILS.c.failed_at.is_(None),
    MAILS.c.due_at <= bindparam("now"),
)
DUE = select(MAILS.c.id).where(*IS_WAITING).order_by(MAILS.c.due_at).limit(BATCH)
CLAIM = (
    update(MAILS)
    .where(MAILS.c.id.in_(DUE.scalar_subquery()), *IS_WAITING)
    .values(lease=bindparam("claim"), due_at=bindparam("lease_ends"), attempts=MAILS.c.attempts + 1)
    .returning(
        MAILS.c.id,
        MAILS.c.recipient,
        MAILS.c.subject,
        MAILS.c.text,
        MAILS.c.html,
        MAILS.c.created_at,
        MAILS.c.attempts,
    )
)
SETTLE = update(MAILS).where(MAILS.c.id == bindparam("mail"), MAILS.c.lease == bindparam("claim"))
FORGET_MAILS = delete(MAILS).where(
    or_(MAILS.c.sent_at < bindparam("before"), MAILS.c.failed_at < bindparam("failed_before"))
)
FORGET_TOKENS = delete(TOKENS).where(TOKENS.c.expires_at < bindparam("before"))


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
        request.db.execute(SETTLE, {"mail": mail.id, "claim": lease, "lease": None, **outcome})


def _claim(request: Request, lease: UUID, now: datetime) -> list[Row[tuple[object, ...]]]:
    """Take mails that are due. Of two workers, the row lock and the second condition let one win."""
    values = {"claim": lease, "lease_ends": now + LEASE, "now": now}
    return list(request.db.execute(CLAIM, values))


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
    request.db.execute(FORGET_MAILS, {"before": before, "failed_before": now - FAILED_KEPT})
    request.db.execute(FORGET_TOKENS, {"before": before})
