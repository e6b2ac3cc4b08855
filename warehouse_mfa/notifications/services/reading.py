"""What people were told, read in their account."""

from typing import Any, Self
from uuid import UUID

from pyramid.request import Request
from sqlalchemy import Select, bindparam, func, select, update
from zope.interface import implementer

from warehouse_mfa.clock import IClock
from warehouse_mfa.db import Session, table_of
from warehouse_mfa.events.interfaces import IEventHistory
from warehouse_mfa.notifications.interfaces import INoticeService, NoticeEntry, NoticePage
from warehouse_mfa.notifications.models import NoticeRow

PAGE = 20

NOTICES = table_of(NoticeRow)
OWN = NOTICES.c.user_id == bindparam("the_user")
UNREAD = select(func.count()).select_from(NOTICES).where(OWN, NOTICES.c.read_at.is_(None))
READ_ALL = update(NOTICES).where(OWN, NOTICES.c.read_at.is_(None)).values(read_at=bindparam("now"))
READ_SHOWN = READ_ALL.where(NOTICES.c.id <= bindparam("newest"))


def _page(*conditions: Any) -> Select[Any]:
    return (
        select(NOTICES.c.id, NOTICES.c.read_at.is_(None).label("is_unread"))
        .where(OWN, *conditions)
        .order_by(NOTICES.c.id.desc())
        .limit(PAGE + 1)
    )


NEWEST = _page()
BEFORE = _page(NOTICES.c.id < bindparam("before"))


@implementer(INoticeService)
class NoticeService:
    def __init__(self, session: Session, clock: IClock, history: IEventHistory) -> None:
        self._session = session
        self._clock = clock
        self._history = history

    @classmethod
    def create(cls, context: object, request: Request) -> Self:
        return cls(request.db, request.find_service(IClock), request.find_service(IEventHistory))

    def page(self, user_id: UUID, before: UUID | None = None) -> NoticePage:
        statement, values = NEWEST, {"the_user": user_id}
        if before is not None:
            statement, values = BEFORE, {**values, "before": before}
        rows = self._session.execute(statement, values).all()
        shown = rows[:PAGE]
        entries = {entry.id: entry for entry in self._history.entries([row.id for row in shown])}
        return NoticePage(
            tuple(NoticeEntry(entries[row.id], bool(row.is_unread)) for row in shown),
            shown[-1].id if len(rows) > PAGE else None,
        )

    def unread(self, user_id: UUID) -> int:
        number: int = self._session.execute(UNREAD, {"the_user": user_id}).scalar_one()
        return number

    def read_all(self, user_id: UUID, newest: UUID | None = None) -> None:
        statement, values = READ_ALL, {"the_user": user_id, "now": self._clock.now()}
        if newest is not None:
            statement, values = READ_SHOWN, {**values, "newest": newest}
        self._session.execute(statement, values)
