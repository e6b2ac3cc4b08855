"""Without Redis one process serves a database, and no other."""

import os
from pathlib import Path

import pytest

from tests.common.fresh import FreshDatabases
from warehouse_mfa.db import create_engine
from warehouse_mfa.db.lock import AlreadyServed, hold


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
