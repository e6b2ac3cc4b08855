"""Without Redis one process serves a database, and no other."""

import os
from collections.abc import Iterator
from pathlib import Path
from threading import Event

import pytest

from dev.services import PostgreSQL
from tests.common.fresh import FreshDatabases
from warehouse_mfa.db import create_engine
from warehouse_mfa.db.lock import LOOK_SECONDS, AlreadyServed, hold


def test_of_two_processes_one_holds_the_lock(fresh: FreshDatabases) -> None:
    url = fresh.url()
    one, other = create_engine(url), create_engine(url)

    held = hold(one)
    for _ in range(3):
        with pytest.raises(AlreadyServed):
            hold(other)
    held.close()
    one.dispose()

    hold(other).close()
    other.dispose()


def test_two_databases_may_be_served_at_once(fresh: FreshDatabases) -> None:
    engines = [create_engine(fresh.url()) for _ in range(2)]

    held = [hold(engine) for engine in engines]

    for lock, engine in zip(held, engines, strict=True):
        lock.close()
        engine.dispose()


def test_the_file_beside_sqlite_says_who_serves(tmp_path: Path) -> None:
    file = tmp_path / "index.sqlite3"
    engine = create_engine(f"sqlite:///{file}")

    held = hold(engine)
    with pytest.raises(AlreadyServed):
        hold(engine)

    assert int(Path(f"{file}.serving").read_text()) == os.getpid()
    held.close()
    engine.dispose()


@pytest.fixture
def postgresql() -> Iterator[PostgreSQL]:
    """A server that can be restarted, which nobody else uses."""
    with PostgreSQL() as server:
        yield server


def test_the_lock_is_taken_again_when_the_database_was_restarted(postgresql: PostgreSQL) -> None:
    one, other = create_engine(postgresql.url), create_engine(postgresql.url)
    held = hold(one)
    lost = Event()
    held.keep(lost.set)

    for end in (postgresql.interrupt, postgresql.crash):
        end()
        postgresql.resume()
        assert not lost.wait(timeout=3 * LOOK_SECONDS)

        with pytest.raises(AlreadyServed):
            hold(other)
    held.close()
    hold(other).close()
    one.dispose()
    other.dispose()


def test_whoever_comes_second_after_a_restart_is_told(postgresql: PostgreSQL) -> None:
    one, other = create_engine(postgresql.url), create_engine(postgresql.url)
    held = hold(one)
    postgresql.restart()
    second = hold(other)
    lost = Event()

    held.keep(lost.set)

    assert lost.wait(timeout=30)
    held.close()
    second.close()
    one.dispose()
    other.dispose()
