"""Sessions: transactions that begin with a change, and changes that are sent together."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, bindparam, delete, event, insert, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from transaction.interfaces import NoTransaction, TransactionFailedError

from tests.common.clock import START
from tests.common.databases import Databases
from tests.common.transactions import transaction
from warehouse_mfa.accounts.models import User
from warehouse_mfa.db import OwnerGone, Session, create_engine, new_id, reading_engine, table_of
from warehouse_mfa.db.manager import LateManager
from warehouse_mfa.login.models import PendingLoginRow
from warehouse_mfa.mail.models import Mail
from warehouse_mfa.rate_limiting.models import AttemptCounter

COUNTERS = table_of(AttemptCounter)
INSERT = insert(COUNTERS)
COUNT_UP = (
    update(COUNTERS)
    .where(COUNTERS.c.key == bindparam("the_key"))
    .values(count=COUNTERS.c.count + 1)
)
INSERT_OR_COUNT = text(
    "INSERT INTO attempt_counters (key, span, allowed, count, refused, ends)"
    " VALUES (:key, 1, 5, 0, 0, 0)"
    " ON CONFLICT (key, span) DO UPDATE SET count = attempt_counters.count + 1"
)
COUNTS = select(COUNTERS.c.key, COUNTERS.c.count).order_by(COUNTERS.c.key)
LOCKED_COUNTS = COUNTS.with_for_update()
LOCKED_WITHIN = select(LOCKED_COUNTS.subquery())
MAILS = select(table_of(Mail).c.id)
DELETE_USER = delete(table_of(User)).where(table_of(User).c.id == bindparam("the_id"))
INSERT_PENDING = insert(table_of(PendingLoginRow))
TIMES = 3
"""The first time SQLAlchemy runs a statement that is not deferred."""


class Missed(Exception):
    """A change found no row."""


def a_counter(key: bytes, count: int = 0) -> dict[str, Any]:
    return {
        "key": key, "span": 1, "allowed": 5, "count": count, "refused": 0, "ends": 0,
        "held_until": 0,
    }  # fmt: skip


def an_orphan() -> dict[str, Any]:
    """Return a pending login of nobody."""
    return {
        "id": new_id(), "digest": b"", "user_id": new_id(), "security_epoch": 0, "typed_name": "",
        "next": "", "created_at": START, "expires_at": START,
    }  # fmt: skip


def defer(session: Session, *keys: bytes) -> None:
    """Defer a counter for each key."""
    for key in keys:
        session.defer(INSERT, a_counter(key))


@contextmanager
def failing_transaction(engine: Engine) -> Iterator[Session]:
    """Yield a session in a transaction that fails at its end."""
    with transaction(engine) as session:
        yield session
        raise RuntimeError


@contextmanager
def failing_nested_transaction(session: Session) -> Iterator[None]:
    with session.begin_nested():
        yield
        raise RuntimeError


def counts(engine: Engine) -> dict[bytes, int]:
    with engine.connect() as connection:
        return {bytes(key): count for key, count in connection.execute(COUNTS)}


@contextmanager
def sent_to(engine: Engine) -> Iterator[list[str]]:
    """Yield a list that fills with the first words of statements."""
    words: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *more: Any) -> None:
        words.append(statement.split()[0])

    event.listen(engine, "before_cursor_execute", note)
    yield words
    event.remove(engine, "before_cursor_execute", note)


def in_one(engine: Engine, words: list[str]) -> list[str]:
    """Return what several changes are sent as."""
    return ["WITH"] if engine.name == "postgresql" else words


# What is deferred


def test_what_is_deferred_is_there_in_the_end(engine: Engine) -> None:
    for number in range(TIMES):
        with transaction(engine) as session:
            defer(session, bytes([number]))

    assert len(counts(engine)) == TIMES


def test_what_is_deferred_is_sent_last_and_together(engine: Engine) -> None:
    with transaction(engine) as session:
        session.execute(INSERT, a_counter(b"before"))
    with sent_to(engine) as words, transaction(engine) as session:
        defer(session, b"a")
        defer(session, b"b")
        session.defer(COUNT_UP, {"the_key": b"before"})
        assert "INSERT" not in words

    assert words[-len(in_one(engine, words[-3:])) :] == in_one(
        engine, ["INSERT", "INSERT", "UPDATE"]
    )
    assert counts(engine) == {b"a": 0, b"b": 0, b"before": 1}


def test_values_of_changes_that_are_sent_together_are_not_mixed_up(engine: Engine) -> None:
    for _ in range(TIMES):
        with transaction(engine) as session:
            session.execute(text("DELETE FROM attempt_counters"))
            session.defer(INSERT, a_counter(b"a", 1))
            session.defer(INSERT, a_counter(b"b", 2))
            session.defer(INSERT, a_counter(b"c", 3))

        assert counts(engine) == {b"a": 1, b"b": 2, b"c": 3}


def test_what_is_deferred_is_seen_by_who_asks_in_the_same_transaction(engine: Engine) -> None:
    for number in range(TIMES):
        with transaction(engine) as session:
            defer(session, bytes([number]))

            assert len(session.execute(COUNTS).all()) == number + 1


def test_who_asks_for_something_else_sends_nothing_that_was_deferred(engine: Engine) -> None:
    for number in range(TIMES):
        with sent_to(engine) as words, transaction(engine) as session:
            defer(session, bytes([number]))
            session.execute(MAILS)
            before = list(words)

    assert "INSERT" not in before


def test_a_change_of_the_same_table_comes_after_what_was_deferred(engine: Engine) -> None:
    for _ in range(TIMES):
        with transaction(engine) as session:
            defer(session, b"a")
            session.execute(COUNT_UP, {"the_key": b"a"})
        assert counts(engine) == {b"a": 1}
        with transaction(engine) as session:
            session.execute(text("DELETE FROM attempt_counters"))


def delete_around_an_orphan(session: Session) -> None:
    session.execute(DELETE_USER, {"the_id": new_id()})
    session.defer(INSERT_PENDING, an_orphan())
    session.execute(DELETE_USER, {"the_id": new_id()})


def test_a_change_of_what_a_deferred_one_refers_to_comes_after_it(engine: Engine) -> None:
    for _ in range(TIMES):
        with (
            sent_to(engine) as words,
            pytest.raises(OwnerGone),
            transaction(engine) as session,
        ):
            delete_around_an_orphan(session)

    assert words == ["BEGIN", "DELETE", "INSERT"]


def test_the_same_change_twice_counts_twice(engine: Engine) -> None:
    with transaction(engine) as session:
        defer(session, b"a")
    with transaction(engine) as session:
        session.defer(COUNT_UP, {"the_key": b"a"})
        session.defer(COUNT_UP, {"the_key": b"a"})

    assert counts(engine) == {b"a": 2}


def test_what_is_deferred_is_undone_with_its_transaction(engine: Engine) -> None:
    with pytest.raises(RuntimeError), failing_transaction(engine) as session:
        defer(session, b"a")

    assert counts(engine) == {}


def test_of_changes_that_are_sent_together_all_are_made_or_none(engine: Engine) -> None:
    for _ in range(TIMES):
        with pytest.raises(IntegrityError), transaction(engine) as session:
            defer(session, b"a", b"b", b"a")

        assert counts(engine) == {}


def test_a_change_that_must_find_its_row_finds_it(engine: Engine) -> None:
    with transaction(engine) as session:
        defer(session, b"a")
    with transaction(engine) as session:
        defer(session, b"b")
        session.defer(COUNT_UP, {"the_key": b"a"}, or_else=Missed)
        defer(session, b"c")

    assert counts(engine) == {b"a": 1, b"b": 0, b"c": 0}


def miss(session: Session, *others: bytes) -> None:
    """Defer some counters, and a change of one that is not there."""
    defer(session, *others)
    session.defer(COUNT_UP, {"the_key": b"gone"}, or_else=Missed)


@pytest.mark.parametrize("others", [[], [b"a", b"b"]])
def test_a_change_that_misses_its_row_undoes_all(engine: Engine, others: list[bytes]) -> None:
    with pytest.raises(Missed), transaction(engine) as session:
        miss(session, *others)

    assert counts(engine) == {}


def test_whoever_defers_a_change_that_decides_can_tell_at_once(engine: Engine) -> None:
    with transaction(engine) as session:
        miss(session)

        with pytest.raises(Missed):
            session.send_deferred()


def test_a_deferred_row_for_an_account_that_is_gone_is_told_apart(engine: Engine) -> None:
    for _ in range(TIMES):
        with pytest.raises(OwnerGone), transaction(engine) as session:
            session.defer(INSERT_PENDING, an_orphan())


def test_what_a_nested_transaction_deferred_is_undone_with_it_alone(engine: Engine) -> None:
    with transaction(engine) as session:
        defer(session, b"before")
        with pytest.raises(RuntimeError), failing_nested_transaction(session):
            defer(session, b"within")
        defer(session, b"after")

    assert set(counts(engine)) == {b"before", b"after"}


def test_what_a_nested_transaction_deferred_lasts_with_it(engine: Engine) -> None:
    with transaction(engine) as session:
        with session.begin_nested():
            defer(session, b"within")

        assert len(session.execute(COUNTS).all()) == 1


def test_any_number_of_changes_can_be_deferred(engine: Engine) -> None:
    with transaction(engine) as session:
        # More values than a statement of PostgreSQL has room for.
        defer(session, *(number.to_bytes(2) for number in range(10_000)))

    assert len(counts(engine)) == 10_000


def test_the_same_addition_twice_may_come_to_a_change(engine: Engine) -> None:
    with transaction(engine) as session:
        session.defer(INSERT_OR_COUNT, {"key": b"a"})
        session.defer(INSERT_OR_COUNT, {"key": b"a"})

    assert counts(engine) == {b"a": 1}


def fail_within(session: Session) -> None:
    """Nest a transaction that fails, and go on."""
    session.execute(INSERT, a_counter(b"outer"))
    with pytest.raises(RuntimeError), failing_nested_transaction(session):
        session.execute(INSERT, a_counter(b"inner"))


def test_what_a_nested_transaction_within_another_did_is_undone_with_both(engine: Engine) -> None:
    with transaction(engine) as session:
        with pytest.raises(RuntimeError), failing_nested_transaction(session):
            fail_within(session)
        session.execute(INSERT, a_counter(b"after"))

    assert set(counts(engine)) == {b"after"}


@pytest.mark.parametrize("change", [INSERT.returning(COUNTERS.c.key), COUNTS])
def test_what_answers_with_rows_cannot_be_deferred(engine: Engine, change: Any) -> None:
    with pytest.raises(ValueError, match="cannot be deferred"), transaction(engine) as session:
        session.defer(change, a_counter(b"a") if change is not COUNTS else {})


def test_what_no_one_text_can_say_cannot_be_deferred(engine: Engine) -> None:
    some = update(COUNTERS).where(COUNTERS.c.span.in_(bindparam("spans", expanding=True)))

    with pytest.raises(ValueError, match="one text"), transaction(engine) as session:
        session.defer(some.values(count=0), {"spans": [1, 2]})


def test_a_session_that_only_reads_cannot_defer_a_change(engine: Engine) -> None:
    with pytest.raises(DBAPIError), transaction(reading_engine(engine)) as session:
        defer(session, b"a")

    assert counts(engine) == {}


def break_within(session: Session, other: Connection) -> None:
    """Nest a transaction, and let the server take its connection away."""
    with session.begin_nested():
        pid = session.scalar(text("SELECT pg_backend_pid()"))
        other.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})
        session.execute(COUNTS)


def test_a_connection_that_breaks_in_a_nested_transaction_says_so(databases: Databases) -> None:
    with databases.copy("postgresql") as url:
        engine = create_engine(url)
        with (
            engine.connect() as other,
            pytest.raises(OperationalError) as broken,
            transaction(engine) as session,
        ):
            break_within(session, other)

        with transaction(engine) as session:
            defer(session, b"a")
        assert counts(engine) == {b"a": 0}
        engine.dispose()

    assert broken.value.connection_invalidated


def test_a_database_that_is_not_there_is_an_error_of_sqlalchemy(tmp_path: Path) -> None:
    engine = create_engine(f"postgresql+psycopg://nobody@/nothing?host={tmp_path}")

    with pytest.raises(OperationalError), transaction(engine) as session:
        session.execute(COUNTS)

    assert not session.in_transaction()


def test_a_database_that_closes_all_that_is_opened_is_an_error_of_sqlalchemy(
    databases: Databases,
) -> None:
    with databases.copy("postgresql") as url:
        engine = create_engine(url)

        @event.listens_for(engine, "checkout", insert=True)
        def close(connection: Any, *others: Any) -> None:
            connection.close()

        with pytest.raises(OperationalError), transaction(engine) as session:
            session.execute(COUNTS)
        engine.dispose()


def test_who_asks_after_a_commit_that_failed_keeps_no_connection(engine: Engine) -> None:
    manager = LateManager()
    manager.begin()
    session = Session(engine, manager)
    session.defer(INSERT_PENDING, an_orphan())
    with pytest.raises(OwnerGone):
        manager.commit()

    with pytest.raises(TransactionFailedError):
        session.execute(COUNTS)

    manager.abort()
    with transaction(engine) as another:
        defer(another, b"a")
    assert counts(engine) == {b"a": 0}


def test_a_connection_that_broke_stays_an_error_of_sqlalchemy(databases: Databases) -> None:
    with databases.copy("postgresql") as url:
        engine = create_engine(url)
        manager = LateManager()
        manager.begin()
        session = Session(engine, manager)
        session.execute(LOCKED_COUNTS)
        pid = session.scalar(text("SELECT pg_backend_pid()"))
        with engine.connect() as other:
            other.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})

        for act in (
            lambda: session.execute(COUNTS),
            lambda: session.scalar(COUNTS),
            manager.commit,
        ):
            with pytest.raises(OperationalError) as broken:
                act()
            assert broken.value.connection_invalidated
        manager.abort()
        engine.dispose()


# When a transaction begins


def test_nothing_can_be_deferred_outside_of_a_transaction(engine: Engine) -> None:
    session = Session(engine, LateManager())

    with pytest.raises(NoTransaction):
        defer(session, b"lost")

    assert not session.in_transaction()


def test_who_only_asks_needs_no_transaction(engine: Engine) -> None:
    for _ in range(TIMES):
        with sent_to(engine) as words, transaction(engine) as session:
            session.execute(COUNTS)

    assert words == (["SELECT"] if engine.name == "postgresql" else ["BEGIN", "SELECT"])


def test_a_session_that_only_reads_and_asks_needs_no_transaction(engine: Engine) -> None:
    for _ in range(TIMES):
        with sent_to(engine) as words, transaction(reading_engine(engine)) as session:
            session.execute(COUNTS)

    assert words == ["SELECT"]


def test_after_a_change_that_was_refused_to_a_reader_others_can_write(engine: Engine) -> None:
    with pytest.raises(DBAPIError), transaction(reading_engine(engine)) as session:
        session.execute(COUNT_UP, {"the_key": b"a"})

    with transaction(engine) as session:
        defer(session, b"a")

    assert counts(engine) == {b"a": 0}


@pytest.mark.parametrize("first", [INSERT, LOCKED_COUNTS, LOCKED_WITHIN])
def test_a_transaction_begins_before_what_is_changed_or_locked(engine: Engine, first: Any) -> None:
    for number in range(TIMES):
        values = a_counter(bytes([number])) if first is INSERT else None
        with (
            sent_to(engine) as words,
            pytest.raises(RuntimeError),
            failing_transaction(engine) as session,
        ):
            session.execute(first, values)

    assert words[0] == "BEGIN"
    assert counts(engine) == {}


def test_a_change_within_a_question_is_undone_with_its_transaction(databases: Databases) -> None:
    added = insert(COUNTERS).values(a_counter(b"a")).returning(COUNTERS.c.key).cte()
    with databases.copy("postgresql") as url:
        engine = create_engine(url)
        with pytest.raises(RuntimeError), failing_transaction(engine) as session:
            session.execute(select(added))

        assert counts(engine) == {}
        engine.dispose()


def test_a_statement_that_is_a_text_is_taken_for_a_change(engine: Engine) -> None:
    delete_all = text("DELETE FROM attempt_counters")
    with transaction(engine) as session:
        defer(session, b"a")
    for _ in range(TIMES):
        with pytest.raises(RuntimeError), failing_transaction(engine) as session:
            session.execute(delete_all)

    assert counts(engine) == {b"a": 0}


# Changes that need no transaction around them


def only_in(engine: Engine, kind: str, word: str) -> list[str]:
    """Return a word, or nothing if the database is of another kind."""
    return [word] if engine.name == kind else []


def send_before_the_end(engine: Engine) -> None:
    with failing_transaction(engine) as session:
        defer(session, b"a")
        session.send_deferred()


def test_deferred_changes_alone_are_sent_without_a_transaction(engine: Engine) -> None:
    for number in range(TIMES):
        with sent_to(engine) as words, transaction(engine) as session:
            defer(session, bytes([number, 1]), bytes([number, 2]))

    assert words == [
        *only_in(engine, "sqlite", "BEGIN"),
        *in_one(engine, ["INSERT", "INSERT"]),
    ]
    assert len(counts(engine)) == TIMES * 2


def test_what_is_sent_before_the_end_is_undone_with_the_rest(engine: Engine) -> None:
    with pytest.raises(RuntimeError):
        send_before_the_end(engine)

    assert counts(engine) == {}


def test_deferred_changes_that_must_find_a_row_have_a_transaction(engine: Engine) -> None:
    for _ in range(TIMES):
        with sent_to(engine) as words, pytest.raises(Missed), transaction(engine) as session:
            miss(session, b"a")

    assert words[0] == "BEGIN"
    assert counts(engine) == {}
