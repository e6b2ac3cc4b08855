"""Databases for tests: one SQLite file and one real PostgreSQL, both migrated."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine, text

from dev.services import PostgreSQL
from warehouse_mfa.db import Base, create_engine, migrations

KINDS = ("sqlite", "postgresql")


@contextmanager
def migrated_database(kind: str, folder: Path) -> Iterator[str]:
    """Yield the URL of an empty database with the schema of this release."""
    if kind == "sqlite":
        url = f"sqlite:///{folder / 'test.sqlite3'}"
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
