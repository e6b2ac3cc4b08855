"""The trail of one account, read back page by page."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine, event, insert, text
from zope.interface.verify import verifyObject

from tests.common.clock import START
from tests.common.transactions import transaction
from warehouse_mfa.db import Session, new_id
from warehouse_mfa.events.interfaces import Circumstances, HistoryEntry, IEventHistory
from warehouse_mfa.events.models import EventPrivate, EventRow
from warehouse_mfa.events.services.history import PAGE, EventHistory

ALICE, BOB = new_id(), new_id()
FIRST, LAST = UUID(int=0), UUID(int=2**128 - 1)
PEOPLE = 400
EVENTS_EACH = 100


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    with transaction(engine) as session:
        yield session


@pytest.fixture
def history(session: Session) -> EventHistory:
    return EventHistory(session)


def happen(session: Session, subject_id: UUID | None, times: int = 1, **private: str) -> list[UUID]:
    """Write events; return their ids, newest first."""
    ids = [new_id() for _ in range(times)]
    session.execute(insert(EventRow), [row(id, subject_id) for id in ids])
    rows = [
        {"event_id": id, "field": field, "value": value, "salt": b"salt"}
        for id in ids
        for field, value in private.items()
    ]
    if rows:
        session.execute(insert(EventPrivate), rows)
    return ids[::-1]


def row(id: UUID, subject_id: UUID | None) -> dict[str, Any]:
    return {
        "id": id,
        "tag": "account:test",
        "happened_at": START,
        "subject_id": subject_id,
        "actor_id": BOB,
        "session_id": None,
        "factor": "totp",
        "facts": {"label": "Phone", "is_known_device": True},
    }


def walk(history: EventHistory, subject_id: UUID) -> list[list[UUID]]:
    """Return the ids of every page."""
    page = history.page(subject_id)
    pages = [page]
    while page.older is not None:
        page = history.page(subject_id, page.older)
        pages.append(page)
    return [[entry.id for entry in page.entries] for page in pages]


def test_the_service_keeps_its_contract(history: EventHistory) -> None:
    verifyObject(IEventHistory, history)


def test_an_entry_says_all_that_was_written(session: Session, history: EventHistory) -> None:
    (id,) = happen(session, ALICE, address="192.0.2.1", agent="Tests/1.0")

    (entry,) = history.page(ALICE).entries

    assert entry == HistoryEntry(
        id=id,
        tag="account:test",
        facts={"label": "Phone", "is_known_device": True},
        happened_at=START,
        circumstances=Circumstances(BOB, None, "totp", "192.0.2.1", "Tests/1.0"),
    )


@pytest.mark.parametrize("kept", ["address", "agent"])
def test_a_personal_field_that_was_erased_is_none(
    session: Session, history: EventHistory, kept: str
) -> None:
    happen(session, ALICE, **{kept: "kept"})

    (entry,) = history.page(ALICE).entries

    around = entry.circumstances
    assert {"address": around.address, "agent": around.agent} == {
        "address": None,
        "agent": None,
        kept: "kept",
    }


def test_nobody_elses_events_are_read(session: Session, history: EventHistory) -> None:
    happen(session, BOB, 3)
    happen(session, None, 3)
    own = happen(session, ALICE)

    assert walk(history, ALICE) == [own]


def test_a_history_without_events_is_empty(history: EventHistory) -> None:
    page = history.page(ALICE)

    assert (page.entries, page.older) == ((), None)


@pytest.mark.parametrize("number", [1, PAGE - 1, PAGE, PAGE + 1, 2 * PAGE, 2 * PAGE + 1])
def test_the_pages_hold_every_event_once_newest_first(
    session: Session, history: EventHistory, number: int
) -> None:
    own = happen(session, ALICE, number, address="192.0.2.1", agent="Tests/1.0")

    pages = walk(history, ALICE)

    assert [id for page in pages for id in page] == own
    assert [len(page) for page in pages[:-1]] == [PAGE] * (len(pages) - 1)
    assert 0 < len(pages[-1]) <= PAGE


def test_an_event_that_happens_meanwhile_moves_nothing_to_another_page(
    session: Session, history: EventHistory
) -> None:
    own = happen(session, ALICE, PAGE + 5)
    older = history.page(ALICE).older

    happen(session, ALICE, 3)

    assert [entry.id for entry in history.page(ALICE, older).entries] == own[PAGE:]


def test_a_page_may_begin_at_an_event_of_somebody_else(
    session: Session, history: EventHistory
) -> None:
    (early,) = happen(session, ALICE)
    (middle,) = happen(session, BOB)
    happen(session, ALICE)

    assert [entry.id for entry in history.page(ALICE, middle).entries] == [early]


def test_nothing_is_before_the_first_and_everything_before_the_last_of_all_ids(
    session: Session, history: EventHistory
) -> None:
    own = happen(session, ALICE, 3)

    assert history.page(ALICE, FIRST).entries == ()
    assert [entry.id for entry in history.page(ALICE, LAST).entries] == own


@pytest.fixture
def crowd(engine: Engine) -> UUID:
    """Somebody among many, each with events of their own."""
    people = [new_id() for _ in range(PEOPLE)]
    with transaction(engine) as session:
        for _ in range(EVENTS_EACH):
            session.execute(insert(EventRow), [row(new_id(), one) for one in people])
    if engine.name == "postgresql":
        # It plans by statistics, and trusts an index alone where rows are known to be visible.
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE events"))
    return people[PEOPLE // 2]


@pytest.mark.parametrize("before", [None, LAST])
def test_a_page_is_a_walk_on_the_index_alone_however_many_events_there_are(
    engine: Engine, crowd: UUID, before: UUID | None
) -> None:
    plan = plan_of(engine, crowd, before)

    if engine.name == "sqlite":
        assert "USING COVERING INDEX ix_events_subject_id_id (subject_id=?" in plan
        assert "SCAN events" not in plan
        # The rows of the page itself are put in order last, and no others.
        *steps, order = plan.splitlines()
        assert "TEMP B-TREE" not in "".join(steps)
        assert order == "USE TEMP B-TREE FOR ORDER BY"
    else:
        assert "Index Only Scan Backward using ix_events_subject_id_id" in plan
        assert "Seq Scan on events" not in plan
        assert "Sort" not in plan


def plan_of(engine: Engine, subject_id: UUID, before: UUID | None) -> str:
    """Return how the database finds a page."""
    sent: list[tuple[str, Any]] = []

    def note(connection: Any, cursor: Any, statement: str, parameters: Any, *more: Any) -> None:
        sent.append((statement, parameters))

    event.listen(engine, "before_cursor_execute", note)
    try:
        with transaction(engine) as session:
            EventHistory(session).page(subject_id, before)
    finally:
        event.remove(engine, "before_cursor_execute", note)
    ((statement, parameters),) = [one for one in sent if one[0].startswith("SELECT")]
    explain = "EXPLAIN QUERY PLAN" if engine.name == "sqlite" else "EXPLAIN"
    with engine.connect() as connection:
        rows = connection.exec_driver_sql(f"{explain} {statement}", parameters)
        return "\n".join(str(row[-1]) for row in rows)
