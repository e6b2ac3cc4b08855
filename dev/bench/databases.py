"""The databases that are measured, and the processor time of PostgreSQL's own processes."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import psycopg
from sqlalchemy.engine import make_url

from dev.services import PostgreSQL
from warehouse_mfa.db import create_engine, migrations

# The server answers before it has finished: what it does after the answer counts, too.
SETTLING_SECONDS = 0.001
BACKENDS = "SELECT pid FROM pg_stat_activity WHERE datname = %s AND backend_type = 'client backend'"


class Database(Protocol):
    """One kind of database."""

    kind: str

    def create(self, name: str, *, migrated: bool) -> str:
        """Create a database and return its SQLAlchemy URL."""

    def seconds(self, url: str) -> float | None:
        """Return the processor time that the connections to `url` have cost so far.

        `None` where the database has no process of its own, or the system does not tell.
        """


class SQLiteDatabase:
    """Files in a folder. What the database does is done by the process that asks."""

    kind = "sqlite"

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def create(self, name: str, *, migrated: bool) -> str:
        url = f"sqlite:///{self._folder / name}.sqlite3"
        if migrated:
            _migrate(url)
        return url

    def seconds(self, url: str) -> float | None:
        return None


class PostgreSQLDatabase:
    """A server of our own."""

    kind = "postgresql"

    def __init__(self, server: PostgreSQL) -> None:
        self._server = server
        self._asking = psycopg.connect(libpq(server.url), autocommit=True)

    def create(self, name: str, *, migrated: bool) -> str:
        url = self._server.create_database(name)
        if migrated:
            _migrate(url)
        return url

    def seconds(self, url: str) -> float | None:
        time.sleep(SETTLING_SECONDS)
        pids = self._asking.execute(BACKENDS, [make_url(url).database]).fetchall()
        try:
            return sum(_processor_seconds(pid) for (pid,) in pids)
        except OSError:
            return None

    def close(self) -> None:
        self._asking.close()


@contextmanager
def open_databases(folder: Path) -> Iterator[list[Database]]:
    """Yield SQLite and a running PostgreSQL."""
    with PostgreSQL() as server:
        postgresql = PostgreSQLDatabase(server)
        try:
            yield [SQLiteDatabase(folder), postgresql]
        finally:
            postgresql.close()


def libpq(url: str) -> str:
    """Return the URL as PostgreSQL's own library reads it."""
    return url.replace("postgresql+psycopg:", "postgresql:", 1)


def _processor_seconds(pid: int) -> float:
    """Return what Linux says of a process: its first number is in nanoseconds.

    /proc/<pid>/stat would tell ticks of 10 ms, longer than all of what is measured.
    """
    return int(Path(f"/proc/{pid}/schedstat").read_text(encoding="ascii").split()[0]) / 1e9


def _migrate(url: str) -> None:
    engine = create_engine(url)
    migrations.upgrade(engine)
    engine.dispose()
