"""Databases for tests: one SQLite file and one real PostgreSQL, both migrated."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Engine, text

from dev.services import PostgreSQL
from warehouse_mfa.db import Base, create_engine, migrations

KINDS = ("sqlite", "postgresql")
MEMORY = Path("/dev/shm")
"""Where there is one: every commit waits for the disk otherwise, some thirty in a test."""


@contextmanager
def migrated_database(kind: str, folder: Path) -> Iterator[str]:
    """Yield the URL of an empty database with the schema of this release."""
    if kind == "sqlite":
        with TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else folder) as quick:
            url = f"sqlite:///{quick}/test.sqlite3"
            _migrate(url)
            yield url
        return
    with PostgreSQL() as server:
        url = server.create_database("warehouse_mfa")
        _migrate(url)
        yield url


def _migrate(url: str) -> None:
    engine = create_engine(url)
    migrations.upgrade(engine)
    engine.dispose()


def empty(engine: Engine) -> None:
    """Delete every row of every table."""
    with engine.begin() as connection:
        for table in reversed(Base.metadata.sorted_tables):
            connection.execute(text(f'DELETE FROM "{table.name}"'))
