"""Statements that come again: what the driver alone brings is what SQLAlchemy would bring."""

import gc
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import (
    Connection,
    Engine,
    Executable,
    bindparam,
    delete,
    event,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.exc import (
    IntegrityError,
    MultipleResultsFound,
    NoResultFound,
    OperationalError,
    StatementError,
)

from tests.common.databases import Databases
from warehouse_mfa.db import create_engine, table_of
from warehouse_mfa.db.driver import Driver
from warehouse_mfa.db.prepared import Rows, Statements, send
from warehouse_mfa.events.models import EventRow
from warehouse_mfa.rate_limiting.models import AttemptCounter

EVENTS, COUNTERS = table_of(EventRow), table_of(AttemptCounter)
INSERT_EVENT, INSERT_COUNTER = insert(EVENTS), insert(COUNTERS)
COUNT_UP = (
    update(COUNTERS)
    .where(COUNTERS.c.key == bindparam("the_key"))
    .values(count=COUNTERS.c.count + 1)
)
SELECT_KEYS = select(COUNTERS.c.key)
TIMES = 3
"""The first time SQLAlchemy runs a statement, from then on the driver."""
NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)
ALICE = uuid.UUID("01234567-89ab-7def-8123-456789abcdef")


class Sender:
    """Statements of one engine, in one transaction."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.driver = Driver.of(connection)
        self.statements = Statements.of(connection.dialect)

    def send(self, statement: Executable, **values: Any) -> Rows:
        given = values or None
        known = self.statements.known(statement)
        return send(
            self.driver, statement, given, self.statements.prepared(statement, given, known)
        )


@pytest.fixture
def sender(engine: Engine) -> Iterator[Sender]:
    with engine.begin() as connection:
        yield Sender(connection)


def an_event(number: int, **others: Any) -> dict[str, Any]:
    return {
        "id": uuid.UUID(int=number),
        "tag": "account:login:completed",
        "happened_at": NOON,
        "subject_id": None,
        "actor_id": None,
        "session_id": None,
        "factor": None,
        "facts": {},
        **others,
    }


def a_counter(key: bytes = b"counter", **others: Any) -> dict[str, Any]:
    return {"key": key, "span": 1, "allowed": 5, "count": 0, "refused": 0, "ends": 0, **others}


def test_rows_are_the_same_each_time_whatever_their_types(sender: Sender) -> None:
    facts = {"label": "Téléphone", "numbers": [1, 2]}
    written = an_event(1, subject_id=ALICE, facts=facts, factor="totp")
    sender.connection.execute(INSERT_EVENT, written)
    sender.connection.execute(INSERT_COUNTER, a_counter(bytes(range(32))))
    columns = (
        EVENTS.c.id,
        EVENTS.c.happened_at,
        EVENTS.c.facts,
        EVENTS.c.actor_id,
        EVENTS.c.factor,
    )
    statement = (
        select(*columns, COUNTERS.c.key, COUNTERS.c.held_until)
        .join(COUNTERS, COUNTERS.c.span == 1)
        .where(EVENTS.c.subject_id == bindparam("subject"))
    )

    found = [sender.send(statement, subject=ALICE).one() for _ in range(TIMES)]

    expected = (uuid.UUID(int=1), NOON, facts, None, "totp", bytes(range(32)), 0)
    assert [tuple(row) for row in found] == [expected] * TIMES
    assert {row.happened_at.tzinfo for row in found} == {UTC}
    assert {row.factor for row in found} == {"totp"}


def test_what_is_written_is_the_same_each_time_whatever_its_types(sender: Sender) -> None:
    cairo = NOON.astimezone(timezone(timedelta(hours=2)))
    for number in range(TIMES):
        values = an_event(number, actor_id=ALICE, happened_at=cairo, facts={"label": "é"})
        sender.send(INSERT_EVENT, **values)

    rows = sender.connection.execute(
        select(EVENTS.c.id, EVENTS.c.actor_id, EVENTS.c.happened_at, EVENTS.c.facts)
    )

    assert sorted(tuple(row)[:3] for row in rows.all()) == [
        (uuid.UUID(int=number), ALICE, NOON) for number in range(TIMES)
    ]


def test_an_update_tells_each_time_how_many_rows_it_found(sender: Sender) -> None:
    sender.connection.execute(INSERT_COUNTER, a_counter(b"there"))

    found = [sender.send(COUNT_UP, the_key=key).rowcount for key in [b"there", b"gone"] * TIMES]

    assert found == [1, 0] * TIMES
    assert sender.connection.scalar(select(COUNTERS.c.count)) == TIMES


def test_rows_that_a_change_returns_are_read_each_time(sender: Sender) -> None:
    statement = text(
        "INSERT INTO attempt_counters (key, span, allowed, count, refused, ends)"
        " VALUES (:key, :span, 5, 0, 0, 0) RETURNING span AS length, ends"
    )

    found = [sender.send(statement, key=b"key", span=span) for span in range(TIMES)]

    assert [(one.one().length, one.rowcount) for one in found] == [(n, 1) for n in range(TIMES)]


def test_columns_of_one_name_can_be_told_apart(sender: Sender) -> None:
    sender.connection.execute(INSERT_COUNTER, a_counter())
    other = COUNTERS.alias("other")
    statement = select(COUNTERS.c.span, other.c.span).join_from(
        COUNTERS, other, COUNTERS.c.key == other.c.key
    )

    found = [sender.send(statement).one() for _ in range(TIMES)]

    assert [tuple(row) for row in found] == [(1, 1)] * TIMES
    assert [row.span for row in found] == [1] * TIMES


def test_a_list_of_any_length_is_asked_for_each_time(sender: Sender) -> None:
    for number in range(3):
        sender.connection.execute(INSERT_COUNTER, a_counter(span=number))
    statement = select(COUNTERS.c.span).where(
        COUNTERS.c.span.in_(bindparam("spans", expanding=True))
    )

    found = [
        sorted(sender.send(statement, spans=spans).scalars())
        for spans in ([0], [1, 2], [], [0, 1, 2])
    ]

    assert found == [[0], [1, 2], [], [0, 1, 2]]


def test_a_statement_can_be_given_more_values_or_fewer(sender: Sender) -> None:
    for number in range(TIMES):
        sender.send(INSERT_COUNTER, **a_counter(span=number, held_until=7))
        sender.send(INSERT_COUNTER, **a_counter(span=number + 10))

    held = sender.connection.scalars(select(COUNTERS.c.held_until).order_by(COUNTERS.c.span)).all()

    assert held == [7] * TIMES + [0] * TIMES


def test_a_value_that_is_missing_is_an_error_each_time(sender: Sender) -> None:
    for _ in range(TIMES):
        with pytest.raises(StatementError):
            sender.send(COUNT_UP)


def test_what_breaks_a_rule_is_the_same_error_each_time_and_tells_no_values(engine: Engine) -> None:
    for _ in range(TIMES):
        with engine.connect() as connection:
            sender = Sender(connection)
            sender.send(INSERT_COUNTER, **a_counter(b"secret"))

            with pytest.raises(IntegrityError) as refused:
                sender.send(INSERT_COUNTER, **a_counter(b"secret"))

        assert "secret" not in str(refused.value)


def test_after_an_error_a_savepoint_can_be_gone_back_to(sender: Sender) -> None:
    for number in range(TIMES):
        sender.send(INSERT_COUNTER, **a_counter(span=number))
        with pytest.raises(IntegrityError), sender.connection.begin_nested():
            sender.send(INSERT_COUNTER, **a_counter(span=number))

    assert len(sender.connection.execute(select(COUNTERS)).all()) == TIMES


def test_a_connection_that_breaks_is_given_up(databases: Databases) -> None:
    with databases.copy("postgresql") as url:
        engine = create_engine(url)
        with engine.connect() as connection, engine.connect() as other:
            sender = Sender(connection)
            for _ in range(TIMES):
                sender.send(SELECT_KEYS)
            pid = connection.scalar(text("SELECT pg_backend_pid()"))
            other.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})

            with pytest.raises(OperationalError) as broken:
                sender.send(SELECT_KEYS)

        with engine.connect() as connection:
            assert Sender(connection).send(SELECT_KEYS).all() == []
        engine.dispose()

    assert broken.value.connection_invalidated


def test_whoever_listens_hears_of_each_statement(engine: Engine) -> None:
    heard: list[str] = []

    def note(connection: object, cursor: object, statement: str, *others: object) -> None:
        heard.append(statement.split()[0])

    event.listen(engine, "before_cursor_execute", note)
    with engine.begin() as connection:
        sender = Sender(connection)
        for number in range(TIMES):
            sender.send(INSERT_COUNTER, **a_counter(span=number))
    event.remove(engine, "before_cursor_execute", note)

    assert heard.count("INSERT") == TIMES


def test_a_statement_that_is_built_for_one_use_is_not_kept(sender: Sender) -> None:
    sender.send(COUNT_UP, the_key=b"kept")
    before = len(sender.statements)
    for number in range(100):
        sender.send(delete(COUNTERS).where(COUNTERS.c.span == number))
    gc.collect()

    assert len(sender.statements) < before + 10


def test_one_row_is_one_row() -> None:
    none, one, two = (Rows([(n,) for n in range(number)], ("n",), -1) for number in range(3))

    assert (none.one_or_none(), one.one_or_none(), one.one()) == (None, (0,), (0,))
    assert (none.scalar(), none.scalar_one_or_none(), two.scalar()) == (None, None, 0)
    with pytest.raises(NoResultFound):
        none.one()
    for ask in (two.one, two.one_or_none, two.scalar_one, two.scalar_one_or_none):
        with pytest.raises(MultipleResultsFound):
            ask()
