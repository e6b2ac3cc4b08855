"""The cursor over libpq: what it brings and raises is what psycopg's own would."""

import uuid
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import psycopg
import pytest
from psycopg import errors
from sqlalchemy.engine import make_url

from tests.common.fresh import FreshDatabases
from warehouse_mfa.db import libpq
from warehouse_mfa.db.libpq import LibpqCursor

pytestmark = pytest.mark.parametrize("fresh", ["postgresql"], indirect=True)

VALUES = (
    None,
    True,
    0,
    -1,
    40_000,
    2**40,
    2**70,
    1.5,
    "",
    "Ünïcode \U0001f511 'quoted' \\ $1",
    b"",
    b"\x00\xff'\\",
    uuid.UUID("01234567-89ab-7def-8123-456789abcdef"),
    datetime(2026, 12, 1, 12, 0, 7, 123456, tzinfo=UTC),
    datetime(2026, 12, 1, 12, tzinfo=timezone(timedelta(hours=-3.5))),
    date(2026, 12, 1),
    timedelta(days=1, microseconds=1),
)
TIMES = 4
"""A text is sent as it is the first time, prepared the second time, and then it has a name."""
PREPARED = "SELECT count(*) FROM pg_prepared_statements WHERE statement = $1"


@pytest.fixture
def url(fresh: FreshDatabases) -> str:
    return make_url(fresh.url()).set(drivername="postgresql").render_as_string(hide_password=False)


@pytest.fixture
def connection(url: str) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE things (id integer PRIMARY KEY, name text)")
        yield connection


@pytest.fixture
def other(url: str) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(url, autocommit=True) as other:
        yield other


@pytest.fixture
def cursor(connection: psycopg.Connection[Any]) -> LibpqCursor:
    return LibpqCursor(connection)


def rows(cursor: LibpqCursor, text: str, *values: Any) -> list[tuple[Any, ...]]:
    cursor.execute(text, values)
    return cursor.fetchall()


def prepared(connection: psycopg.Connection[Any], text: str) -> int:
    """Return how often the server has a text."""
    ((number,),) = psycopg.RawCursor(connection).execute(PREPARED, [text]).fetchall()
    return int(number)


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_a_value_comes_back_as_from_psycopg(
    cursor: LibpqCursor, connection: psycopg.Connection[Any], value: Any
) -> None:
    text = "SELECT $1 AS one, ARRAY[$1, NULL] AS several"
    theirs = psycopg.RawCursor(connection).execute(text, [value]).fetchall()

    ours = [rows(cursor, text, value) for _ in range(TIMES)]

    assert ours == [theirs] * TIMES


def test_one_text_takes_values_of_any_kind_in_turn(cursor: LibpqCursor) -> None:
    text = "SELECT $1::numeric"

    found = [rows(cursor, text, value)[0][0] for value in (1, None, 2**40, 3, None, 2**40) * TIMES]

    assert found == [1, None, 2**40, 3, None, 2**40] * TIMES


def test_a_text_is_prepared_once_when_it_comes_again(
    cursor: LibpqCursor, connection: psycopg.Connection[Any]
) -> None:
    once, often = "SELECT $1::integer", "SELECT $1::text"

    rows(cursor, once, 1)
    for _ in range(TIMES):
        rows(cursor, often, "a")

    assert (prepared(connection, once), prepared(connection, often)) == (0, 1)


def test_what_was_dropped_meanwhile_is_sent_again(
    cursor: LibpqCursor, connection: psycopg.Connection[Any]
) -> None:
    text = "SELECT $1::integer"
    for _ in range(TIMES):
        rows(cursor, text, 1)
    connection.execute("DEALLOCATE ALL")

    found = [rows(cursor, text, number) for number in range(TIMES)]

    assert found == [[(number,)] for number in range(TIMES)]
    assert prepared(connection, text) == 1


def test_a_table_that_changes_meanwhile_is_read_as_it_is(
    cursor: LibpqCursor, other: psycopg.Connection[Any]
) -> None:
    text = "SELECT * FROM things WHERE id = $1"
    cursor.execute("INSERT INTO things VALUES (1, 'a')")
    for _ in range(TIMES):
        rows(cursor, text, 1)
    other.execute("ALTER TABLE things ADD COLUMN more integer DEFAULT 2")

    assert [rows(cursor, text, 1) for _ in range(TIMES)] == [[(1, "a", 2)]] * TIMES


def test_what_was_dropped_in_a_transaction_ends_it_and_is_there_for_the_next(
    cursor: LibpqCursor, connection: psycopg.Connection[Any]
) -> None:
    text = "SELECT $1::integer"
    for _ in range(TIMES):
        rows(cursor, text, 1)
    cursor.execute("BEGIN")
    cursor.execute("DEALLOCATE ALL")

    with pytest.raises(errors.InvalidSqlStatementName):
        rows(cursor, text, 1)

    connection.rollback()
    assert rows(cursor, text, 1) == [(1,)]


def test_a_connection_that_knows_many_texts_begins_again(
    cursor: LibpqCursor, connection: psycopg.Connection[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(libpq, "MOST_KNOWN", 2)
    texts = [f"SELECT $1::integer + {number}" for number in range(5)]

    found = [rows(cursor, text, 1) for text in texts for _ in range(TIMES)]

    assert found == [[(1 + number,)] for number in range(5) for _ in range(TIMES)]
    assert [prepared(connection, text) for text in texts] == [0, 0, 0, 0, 1]


def test_it_tells_how_many_rows_and_which_columns(cursor: LibpqCursor) -> None:
    cursor.execute("INSERT INTO things VALUES (1, 'a'), (2, 'b')")
    added, nothing = cursor.rowcount, list(cursor.description)
    cursor.execute("SELECT id, name FROM things ORDER BY id")

    assert (added, nothing) == (2, [])
    assert list(cursor.description) == [("id",), ("name",)]
    assert cursor.fetchall() == [(1, "a"), (2, "b")]
    cursor.execute("SELECT id FROM things WHERE id = $1", [3])
    assert cursor.fetchall() == []
    cursor.execute("BEGIN")
    assert cursor.rowcount == -1


@pytest.mark.parametrize("times", range(1, TIMES))
def test_what_the_database_refuses_is_of_its_kind_and_the_next_is_answered(
    cursor: LibpqCursor, times: int
) -> None:
    text = "INSERT INTO things VALUES ($1, 'a')"
    for number in range(times):
        cursor.execute(text, [number])

    with pytest.raises(errors.UniqueViolation) as refused:
        cursor.execute(text, [0])

    assert refused.value.sqlstate == "23505"
    assert refused.value.diag.table_name == "things"
    assert rows(cursor, "SELECT count(*) FROM things") == [(times,)]


def test_a_text_that_is_wrong_is_refused_each_time(cursor: LibpqCursor) -> None:
    for _ in range(TIMES):
        with pytest.raises(errors.UndefinedTable):
            cursor.execute("SELECT * FROM nothing_there WHERE id = $1", [1])


def test_a_value_that_cannot_be_sent_is_an_error_of_the_driver(cursor: LibpqCursor) -> None:
    with pytest.raises(psycopg.Error):
        cursor.execute("SELECT $1", [object()])
    with pytest.raises(psycopg.Error):
        cursor.execute("SELECT $1::text", ["\x00"])

    assert rows(cursor, "SELECT 1") == [(1,)]


def test_what_was_prepared_is_there_after_a_transaction_that_failed(cursor: LibpqCursor) -> None:
    text = "SELECT $1::integer"
    for _ in range(TIMES):
        cursor.execute("BEGIN")
        assert rows(cursor, text, 1) == [(1,)]
        with pytest.raises(errors.DivisionByZero):
            cursor.execute("SELECT 1 / $1::integer", [0])
        with pytest.raises(errors.InFailedSqlTransaction):
            cursor.execute(text, [1])
        cursor.execute("ROLLBACK")

    assert rows(cursor, text, 2) == [(2,)]


def test_a_commit_makes_it_last_and_needs_no_transaction(
    cursor: LibpqCursor, other: psycopg.Connection[Any]
) -> None:
    count = "SELECT count(*) FROM things"
    cursor.commit()
    cursor.execute("BEGIN")
    cursor.execute("INSERT INTO things VALUES (1, 'a')")
    before = other.execute(count).fetchall()

    cursor.commit()

    assert (before, other.execute(count).fetchall()) == ([(0,)], [(1,)])
    cursor.commit()


def test_a_connection_that_the_server_ends_is_an_operational_error(
    cursor: LibpqCursor, connection: psycopg.Connection[Any], other: psycopg.Connection[Any]
) -> None:
    rows(cursor, "SELECT 1")
    other.execute("SELECT pg_terminate_backend(%s, 5000)", [connection.info.backend_pid])

    for _ in range(2):
        with pytest.raises(errors.OperationalError):
            cursor.execute("SELECT 1")

    assert connection.closed


def test_a_connection_has_one_cursor_while_it_is_open(connection: psycopg.Connection[Any]) -> None:
    noted: dict[Any, Any] = {}

    assert LibpqCursor.of(connection, noted) is LibpqCursor.of(connection, noted)
    assert LibpqCursor.of(connection, {}) is not LibpqCursor.of(connection, noted)


def test_nothing_can_be_read_before_something_was_sent(cursor: LibpqCursor) -> None:
    with pytest.raises(psycopg.ProgrammingError):
        cursor.fetchall()
