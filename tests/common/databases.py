"""Databases for tests: SQLite files and a real PostgreSQL, migrated once and copied."""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cached_property
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Engine, text

from dev.services import PostgreSQL
from warehouse_mfa.db import Base, create_engine, migrations

KINDS = ("sqlite", "postgresql")
MEMORY = Path("/dev/shm")
"""Where there is one: every commit waits for the disk otherwise, some thirty in a test."""
TEMPLATE = "template"


class Databases:
    """Empty databases with the schema of this release.

    A test file gets one of its own, and another when the kind changes: to boot a server and to migrate
    takes seconds, to copy what was migrated does not.
    """

    def __init__(self, stack: ExitStack, folder: Path) -> None:
        """What is made ends with `stack`; `folder` is for where there is no `MEMORY`."""
        self._stack = stack
        self._slow_folder = folder
        self._folder = MEMORY if MEMORY.is_dir() else folder
        self._numbers = count()

    @contextmanager
    def copy(self, kind: str) -> Iterator[str]:
        """Yield the URL of an empty database that nobody else has."""
        if kind == "sqlite":
            with TemporaryDirectory(dir=self._folder) as quick:
                yield _url_of(shutil.copy(self._file, quick))
            return
        name = f"copy_{next(self._numbers)}"
        yield self._server.create_database(name, template=TEMPLATE)
        self._server.drop_database(name)

    def fresh(self, kind: str) -> str:
        """Return the URL of a database without any table."""
        name = f"fresh_{next(self._numbers)}"
        if kind == "sqlite":
            return _url_of(self._slow_folder / f"{name}.sqlite3")
        return self._server.create_database(name)

    @cached_property
    def _file(self) -> Path:
        folder = self._stack.enter_context(TemporaryDirectory(dir=self._folder))
        file = Path(folder) / "test.sqlite3"
        _migrate(_url_of(file))
        return file

    @cached_property
    def _server(self) -> PostgreSQL:
        server = self._stack.enter_context(PostgreSQL())
        _migrate(server.create_database(TEMPLATE))
        return server


@contextmanager
def migrated_database(kind: str, folder: Path) -> Iterator[str]:
    """Yield the URL of one empty database: for programs that need no second one."""
    with ExitStack() as stack, Databases(stack, folder).copy(kind) as url:
        yield url


def _url_of(file: Path) -> str:
    return f"sqlite:///{file}"


def _migrate(url: str) -> None:
    engine = create_engine(url)
    migrations.upgrade(engine)
    engine.dispose()


def empty(engine: Engine) -> None:
    """Delete every row of every table."""
    with engine.begin() as connection:
        for table in reversed(Base.metadata.sorted_tables):
            connection.execute(text(f'DELETE FROM "{table.name}"'))
