"""Connections: writers take turns and lose nothing, readers cannot write, times keep their zone."""

import stat
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from threading import Barrier

import pytest
from sqlalchemy import Engine, Table, delete, insert, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError, StatementError

from tests.common.fresh import FreshDatabases
from warehouse_mfa.accounts.models import Email
from warehouse_mfa.db import Base, create_engine, new_id, reading_engine, table_of
from warehouse_mfa.db.driver import Driver
from warehouse_mfa.db.engine import BUSY_SECONDS
from warehouse_mfa.events.models import EventRow
from warehouse_mfa.rate_limiting.models import AttemptCounter

THREADS = 20
ROUNDS = 25
COUNTERS: Table = table_of(AttemptCounter)
EVENTS: Table = table_of(EventRow)
EMAILS: Table = table_of(Email)
COUNTER = {"key": b"counter", "span": 1, "allowed": 0, "count": 0, "refused": 0, "ends": 0}
NOON = datetime(2026, 12, 1, 12, 0, 7, tzinfo=UTC)


@pytest.fixture
def counter(engine: Engine) -> Engine:
    """A database with one counter, at nought."""
    with engine.begin() as connection:
        connection.execute(insert(COUNTERS), COUNTER)
    return engine


@pytest.fixture
def other(database_url: str) -> Iterator[Engine]:
    """Another process's engine on the same database: it shares nothing with the first."""
    engine = create_engine(database_url)
    yield engine
    engine.dispose()


def count_up(engine: Engine) -> None:
    """Read, compute, write: what loses updates where two may do it at once."""
    with engine.begin() as connection:
        number = connection.scalar(select(COUNTERS.c.count).with_for_update())
        connection.execute(update(COUNTERS).values(count=number + 1))


def counted(engine: Engine) -> int:
    with reading_engine(engine).connect() as connection:
        number: int = connection.scalar(select(COUNTERS.c.count))
        return number


# Writing


def test_twenty_threads_that_read_and_write_lose_nothing(counter: Engine) -> None:
    barrier = Barrier(THREADS)

    def work(_: int) -> None:
        barrier.wait(30)
        for _ in range(ROUNDS):
            count_up(counter)

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(work, range(THREADS)))

    assert counted(counter) == THREADS * ROUNDS


def test_two_processes_that_read_and_write_lose_nothing(counter: Engine, other: Engine) -> None:
    engines = [counter, other] * 5
    barrier = Barrier(len(engines))

    def work(engine: Engine) -> None:
        barrier.wait(30)
        for _ in range(ROUNDS):
            count_up(engine)

    with ThreadPoolExecutor(len(engines)) as pool:
        list(pool.map(work, engines))

    assert counted(counter) == len(engines) * ROUNDS


def test_a_transaction_that_fails_leaves_nothing_and_lets_the_next_one_write(
    counter: Engine,
) -> None:
    def fail() -> None:
        with counter.begin() as connection:
            connection.execute(update(COUNTERS).values(count=100))
            raise RuntimeError

    for _ in range(3):
        with pytest.raises(RuntimeError):
            fail()
    count_up(counter)

    assert counted(counter) == 1


def test_a_statement_that_fails_lets_the_next_one_write(counter: Engine) -> None:
    for _ in range(3):
        with pytest.raises(DBAPIError), counter.begin() as connection:
            connection.execute(text("SELECT nothing FROM nowhere"))

    count_up(counter)

    assert counted(counter) == 1


def test_one_connection_may_have_several_transactions(counter: Engine) -> None:
    with counter.connect() as connection:
        for _ in range(3):
            with connection.begin():
                connection.execute(update(COUNTERS).values(count=COUNTERS.c.count + 1))

    count_up(counter)

    assert counted(counter) == 4


def test_a_row_cannot_refer_to_one_that_does_not_exist(engine: Engine) -> None:
    orphan = {
        "id": new_id(),
        "user_id": uuid.UUID(int=0),
        "address": "a@example.org",
        "address_key": "a@example.org",
        "is_primary": True,
        "created_at": NOON,
    }

    with pytest.raises(IntegrityError), engine.begin() as connection:
        connection.execute(insert(EMAILS), orphan)


def test_what_was_to_be_stored_does_not_stand_in_the_error(engine: Engine) -> None:
    secret = {**COUNTER, "key": b"confidential"}
    with engine.begin() as connection:
        connection.execute(insert(COUNTERS), secret)

    with pytest.raises(IntegrityError) as refused, engine.begin() as connection:
        connection.execute(insert(COUNTERS), secret)

    assert "confidential" not in str(refused.value)


# Reading


def test_a_reading_transaction_cannot_write(counter: Engine) -> None:
    for statement in (
        insert(COUNTERS).values({**COUNTER, "span": 2}),
        update(COUNTERS).values(count=9),
        delete(COUNTERS),
        text("CREATE TABLE unwanted (id INTEGER)"),
        text("UPDATE attempt_counters SET count = 9"),
    ):
        with pytest.raises(DBAPIError), reading_engine(counter).begin() as connection:
            connection.execute(statement)

    assert counted(counter) == 0


def test_reading_and_writing_share_connections_and_do_not_mix(counter: Engine) -> None:
    for number in range(1, 4):
        assert counted(counter) == number - 1
        count_up(counter)
        with pytest.raises(DBAPIError), reading_engine(counter).begin() as connection:
            connection.execute(update(COUNTERS).values(count=9))

    assert counted(counter) == 3


def test_readers_do_not_wait_for_a_writer(counter: Engine) -> None:
    with counter.begin() as writer:
        writer.execute(update(COUNTERS).values(count=9))

        with ThreadPoolExecutor(8) as pool:
            seen = list(pool.map(lambda _: counted(counter), range(16)))

    assert set(seen) == {0}
    assert counted(counter) == 9


# SQLite


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[Engine]:
    engine = create_engine(f"sqlite:///{tmp_path / 'new' / 'folder' / 'index.sqlite3'}")
    yield engine
    engine.dispose()


def test_the_folder_of_the_file_is_made(sqlite: Engine, tmp_path: Path) -> None:
    with sqlite.connect():
        pass

    assert (tmp_path / "new" / "folder" / "index.sqlite3").exists()


def test_a_folder_that_is_made_is_its_owners_alone(tmp_path: Path) -> None:
    """Whatever the mode of the file, which SQLite lets everybody read."""
    create_engine(f"sqlite:///{tmp_path / 'var' / 'index.sqlite3'}")

    assert stat.S_IMODE((tmp_path / "var").stat().st_mode) == 0o700


def test_sqlite_is_durable_checks_references_and_lets_readers_read(sqlite: Engine) -> None:
    with sqlite.connect() as connection:
        found = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }

    assert found == {
        "journal_mode": "wal",
        "synchronous": 2,  # FULL
        "foreign_keys": 1,
        "busy_timeout": 5_000,
    }


def test_a_writer_gives_up_on_a_lock_that_another_process_keeps_and_readers_read(
    sqlite: Engine,
) -> None:
    """A thread that waited as long as the lock is kept could serve nobody meanwhile."""
    with sqlite.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE things (id INTEGER)")
    other = create_engine(str(sqlite.url))
    with other.begin():
        began = time.monotonic()

        with pytest.raises(OperationalError, match="locked"):
            sqlite.connect().begin()

        assert time.monotonic() - began < 2 * BUSY_SECONDS
        with reading_engine(sqlite).connect() as connection:
            assert connection.execute(text("SELECT id FROM things")).all() == []
    other.dispose()


@pytest.mark.parametrize("number", range(20))
def test_many_processes_may_open_a_new_file_at_once(tmp_path: Path, number: int) -> None:
    # One in twenty failed as long as the switch to the write-ahead log was not tried again.
    url = f"sqlite:///{tmp_path / 'index.sqlite3'}"
    barrier = Barrier(8)

    def open_it(_: int) -> str:
        engine = create_engine(url)
        barrier.wait(30)
        with engine.begin() as connection:
            connection.execute(text("CREATE TABLE IF NOT EXISTS one (id INTEGER)"))
            mode: str = connection.exec_driver_sql("PRAGMA journal_mode").scalar_one()
        engine.dispose()
        return mode

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(open_it, range(8))) == ["wal"] * 8


# Times


def put_event(engine: Engine, at: datetime) -> None:
    with engine.begin() as connection:
        connection.execute(
            insert(EVENTS), {"id": new_id(), "tag": "test", "happened_at": at, "facts": {}}
        )


@pytest.mark.parametrize(
    "at",
    [
        NOON,
        NOON.astimezone(timezone(timedelta(hours=5, minutes=30))),
        NOON.replace(microsecond=123456),
    ],
)
def test_a_time_comes_back_as_the_same_moment_in_utc(engine: Engine, at: datetime) -> None:
    put_event(engine, at)

    with engine.connect() as connection:
        found: datetime = connection.scalar(select(EVENTS.c.happened_at))

    assert found == at
    assert found.utcoffset() == timedelta(0)


def test_times_of_several_zones_are_compared_as_moments(engine: Engine) -> None:
    tokyo = timezone(timedelta(hours=9))
    put_event(engine, NOON.astimezone(tokyo))

    with engine.connect() as connection:
        earlier = select(EVENTS.c.id).where(EVENTS.c.happened_at < NOON + timedelta(seconds=1))
        later = select(EVENTS.c.id).where(EVENTS.c.happened_at > NOON + timedelta(seconds=1))

        assert connection.execute(earlier).first() is not None
        assert connection.execute(later).first() is None


def test_a_time_without_a_zone_does_not_enter(engine: Engine) -> None:
    with pytest.raises(StatementError, match="without a zone"):
        put_event(engine, NOON.replace(tzinfo=None))

    with pytest.raises(StatementError, match="without a zone"), engine.connect() as connection:
        connection.execute(select(EVENTS).where(EVENTS.c.happened_at > NOON.replace(tzinfo=None)))


# Names and identifiers


def test_every_constraint_has_a_name() -> None:
    unnamed = [
        f"{table.name}: {constraint}"
        for table in Base.metadata.tables.values()
        for constraint in table.constraints
        if not constraint.name
    ]

    assert unnamed == []


def test_identifiers_are_of_version_7_and_rise() -> None:
    made = [new_id() for _ in range(1000)]

    assert all(one.version == 7 and one.variant == uuid.RFC_4122 for one in made)
    assert made == sorted(set(made))


def test_an_engine_that_was_never_used_connects_to_nothing() -> None:
    engine = create_engine("postgresql+psycopg://nobody@127.0.0.1:1/nothing")

    with pytest.raises(OperationalError):
        engine.connect()


@pytest.mark.parametrize("fresh", ["postgresql"], indirect=True)
def test_connections_that_the_server_closed_are_replaced(fresh: FreshDatabases) -> None:
    url = fresh.url()
    engine, administrator = create_engine(url), create_engine(url)
    with engine.connect() as one, engine.connect() as two:
        number = text("SELECT pg_backend_pid()")
        before = [connection.scalar(number) for connection in (one, two)]

    with administrator.begin() as connection:
        for pid in before:
            end = text("SELECT pg_terminate_backend(:pid, 5000)")
            assert connection.scalar(end, {"pid": pid})
    with engine.connect() as one, engine.connect() as two:
        after = [connection.scalar(number) for connection in (one, two)]

    assert not {*before} & {*after}
    engine.dispose()
    administrator.dispose()


@pytest.mark.parametrize("fresh", ["postgresql"], indirect=True)
def test_a_connection_that_lives_is_used_again(fresh: FreshDatabases) -> None:
    engine = create_engine(fresh.url())
    pids = set()

    for _ in range(5):
        with engine.begin() as connection:
            pids.add(connection.scalar(text("SELECT pg_backend_pid()")))

    assert len(pids) == 1
    engine.dispose()


@pytest.mark.parametrize("fresh", ["postgresql"], indirect=True)
def test_what_is_prepared_outlives_what_is_undone(fresh: FreshDatabases) -> None:
    engine = create_engine(fresh.url())
    number = text("SELECT 1")
    name_of = text("SELECT name FROM pg_prepared_statements WHERE statement = 'SELECT 2'")
    names = set()
    with engine.connect() as connection:
        for _ in range(10):
            connection.execute(number)
            Driver.of(connection).run("SELECT 2")
            names.add(connection.scalar(name_of))
            connection.rollback()

    assert len(names - {None}) == 1
    engine.dispose()
