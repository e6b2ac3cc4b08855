"""Reading the trail of one account, newest first, a page at a time."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from functools import cache
from typing import Any, Self
from uuid import UUID

from pyramid.request import Request
from sqlalchemy import ColumnElement, Select, and_, bindparam, func, select
from sqlalchemy.sql.selectable import NamedFromClause
from zope.interface import implementer

from warehouse_mfa.db import Session, table_of
from warehouse_mfa.events.interfaces import (
    EVERYTHING,
    Circumstances,
    HistoryEntry,
    HistoryPage,
    IEventHistory,
    Selection,
)
from warehouse_mfa.events.models import EventPrivate, EventRow

PAGE = 50
MOST_AT_ONCE = 500

EVENTS, PRIVATE = table_of(EventRow), table_of(EventPrivate)
ADDRESS, AGENT, EMAIL = (PRIVATE.alias(name) for name in ("address", "agent", "email"))


def _is(field: NamedFromClause) -> ColumnElement[bool]:
    return and_(field.c.event_id == EVENTS.c.id, field.c.field == field.name)


ENTRIES = (
    select(
        EVENTS.c.id,
        EVENTS.c.tag,
        EVENTS.c.facts,
        EVENTS.c.happened_at,
        EVENTS.c.actor_id,
        EVENTS.c.session_id,
        EVENTS.c.factor,
        ADDRESS.c.value.label("address"),
        AGENT.c.value.label("agent"),
        EMAIL.c.value.label("email"),
    )
    .outerjoin(ADDRESS, _is(ADDRESS))
    .outerjoin(AGENT, _is(AGENT))
    .outerjoin(EMAIL, _is(EMAIL))
)
"""Events with what is kept apart from them."""


CONDITIONS = {
    "before": EVENTS.c.id < bindparam("before"),
    "tags": EVENTS.c.tag.in_(bindparam("tags", expanding=True)),
    "since": EVENTS.c.happened_at >= bindparam("since"),
    "until": EVENTS.c.happened_at < bindparam("until"),
}


@cache
def _reading(most: int, *conditions: str) -> Select[Any]:
    """Return the statement for a page: ids from the index alone, then a row each by its key."""
    ids = (
        select(EVENTS.c.id)
        .where(
            EVENTS.c.subject_id == bindparam("subject_id"),
            *(CONDITIONS[name] for name in conditions),
        )
        .order_by(EVENTS.c.id.desc())
        .limit(most + 1)
        .subquery("page")
    )
    return ENTRIES.join(ids, ids.c.id == EVENTS.c.id).order_by(EVENTS.c.id.desc())


WITH_IDS = ENTRIES.where(EVENTS.c.id.in_(bindparam("ids", expanding=True)))


def _lately() -> Select[Any]:
    """Return the statement for the newest of each tag: many of one must not crowd out another."""
    places = (
        select(
            EVENTS.c.id,
            func.row_number()
            .over(partition_by=EVENTS.c.tag, order_by=EVENTS.c.id.desc())
            .label("place"),
        )
        .where(
            EVENTS.c.subject_id == bindparam("subject_id"),
            EVENTS.c.tag.in_(bindparam("tags", expanding=True)),
            EVENTS.c.happened_at >= bindparam("since"),
        )
        .subquery("places")
    )
    return ENTRIES.join(
        places, and_(places.c.id == EVENTS.c.id, places.c.place <= bindparam("most"))
    ).order_by(EVENTS.c.id.desc())


LATELY = _lately()


@implementer(IEventHistory)
class EventHistory:
    def __init__(self, session: Session) -> None:
        self._session = session

    @classmethod
    def create(cls, context: object, request: Request) -> Self:
        return cls(request.db)

    def page(
        self, subject_id: UUID, before: UUID | None = None, selection: Selection = EVERYTHING
    ) -> HistoryPage:
        return self._page(subject_id, before, selection, PAGE)

    def all(
        self, subject_id: UUID, before: UUID | None = None, selection: Selection = EVERYTHING
    ) -> Iterator[HistoryEntry]:
        while True:
            page = self._page(subject_id, before, selection, MOST_AT_ONCE)
            yield from page.entries
            before = page.older
            if before is None:
                return

    def _page(
        self, subject_id: UUID, before: UUID | None, selection: Selection, most: int
    ) -> HistoryPage:
        asked = {
            "before": before,
            "tags": None if selection.tags is None else sorted(selection.tags),
            "since": selection.since,
            "until": selection.until,
        }
        given = {name: value for name, value in asked.items() if value is not None}
        rows = self._session.execute(
            _reading(most, *given), {"subject_id": subject_id, **given}
        ).all()
        entries = tuple(_entry(row) for row in rows[:most])
        return HistoryPage(entries, entries[-1].id if len(rows) > most else None)

    def lately(
        self, subject_id: UUID, tags: Collection[str], since: datetime, most_of_each: int
    ) -> list[HistoryEntry]:
        values = {
            "subject_id": subject_id,
            "tags": sorted(tags),
            "since": since,
            "most": most_of_each,
        }
        return [_entry(row) for row in self._session.execute(LATELY, values)]

    def entries(self, ids: Sequence[UUID]) -> list[HistoryEntry]:
        return [_entry(row) for row in self._session.execute(WITH_IDS, {"ids": list(ids)})]


def _entry(row: Any) -> HistoryEntry:
    around = Circumstances(row.actor_id, row.session_id, row.factor, row.address, row.agent)
    facts = {**row.facts, "email": row.email} if row.email is not None else row.facts
    return HistoryEntry(row.id, row.tag, facts, row.happened_at, around)
