"""The outbox: mails go in, and can be looked at."""

import re
from datetime import timedelta
from typing import Any, Self

from pyramid.renderers import render
from pyramid.request import Request
from sqlalchemy import func, insert, select
from transaction import TransactionManager
from zope.interface import implementer

from warehouse_mfa.clock import IClock
from warehouse_mfa.db import Session, new_id, table_of
from warehouse_mfa.i18n import _, localizer_for, speaking, zones
from warehouse_mfa.mail.interfaces import IMailer, IOutbox, QueuedMail, Undelivered
from warehouse_mfa.mail.models import Mail
from warehouse_mfa.tasks import ITaskQueue

LATELY = timedelta(days=7)
LONGEST_WAIT = timedelta(minutes=15)  # a lease, and a round more

INSERT_MAIL = insert(table_of(Mail))


@implementer(IMailer)
class Mailer:
    def __init__(
        self,
        session: Session,
        manager: TransactionManager,
        clock: IClock,
        queue: ITaskQueue,
        request: Request,
    ) -> None:
        self._session = session
        self._manager = manager
        self._clock = clock
        self._queue = queue
        self._request = request

    @classmethod
    def create(cls, context: object, request: Request) -> Self:
        return cls(
            request.db,
            request.tm,
            request.find_service(IClock),
            request.find_service(ITaskQueue),
            request,
        )

    def send(self, to: str, template: str, *, locale: str, **values: Any) -> None:
        now = self._clock.now()
        self._session.defer(
            INSERT_MAIL,
            {
                "id": new_id(),
                "recipient": to,
                **self._render(template, locale, values),
                "created_at": now,
                "due_at": now,
                "attempts": 0,
            },
        )
        self._manager.get().addAfterCommitHook(self._hint)

    def _hint(self, committed: bool) -> None:
        if committed:
            self._queue.hint("mail.deliver")

    def _render(self, template: str, locale: str, values: dict[str, Any]) -> dict[str, str]:
        settings = self._request.registry["settings"]
        localizer = localizer_for(self._request.registry, locale)
        everywhere = {
            "speaking": locale,
            "origin": settings.origin,
            # Whoever causes a mail may have chosen another one than its recipient.
            "time_zone": zones.DEFAULT,
        }
        with speaking(localizer):
            subject, plain, rich = (
                render(f"mail/{template}/{part}", {**everywhere, **values}, self._request)
                for part in ("subject.txt", "body.txt", "body.html")
            )
        if settings.is_test_site:
            subject = localizer.translate(_("Test: ${subject}", mapping={"subject": subject}))
        # Parts that a mail leaves out leave the blank lines around them.
        plain = re.sub(r"\n{3,}", "\n\n", plain.strip()) + "\n"
        return {"subject": " ".join(subject.split()), "text": plain, "html": rich}


@implementer(IOutbox)
class Outbox:
    def __init__(self, session: Session, clock: IClock) -> None:
        self._session = session
        self._clock = clock

    @classmethod
    def create(cls, context: object, request: Request) -> Self:
        return cls(request.db, request.find_service(IClock))

    def undelivered(self) -> Undelivered:
        now = self._clock.now()
        failed = select(func.count()).select_from(Mail).where(Mail.failed_at > now - LATELY)
        overdue = (
            select(func.count())
            .select_from(Mail)
            .where(
                Mail.sent_at.is_(None), Mail.failed_at.is_(None), Mail.due_at < now - LONGEST_WAIT
            )
        )
        return Undelivered(
            failed=self._session.scalar(failed) or 0, overdue=self._session.scalar(overdue) or 0
        )

    def latest(self, most: int) -> list[QueuedMail]:
        rows = self._session.execute(
            select(Mail.recipient, Mail.subject, Mail.text, Mail.html, Mail.created_at)
            .order_by(Mail.id.desc())
            .limit(most)
        )
        return [QueuedMail(*row) for row in rows]
