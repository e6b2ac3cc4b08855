"""New databases, empty, as many as a test wants."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from dev.services import PostgreSQL


class FreshDatabases:
    """Gives URLs of databases that hold nothing: `fresh.url()`."""

    def __init__(self, kind: str, folder: Path, server: PostgreSQL | None) -> None:
        self.kind = kind
        self._folder = folder
        self._server = server
        self._numbers = count(1)

    def url(self) -> str:
        """Return the URL of a new database without any table."""
        name = f"fresh_{next(self._numbers)}"
        if self._server is not None:
            return self._server.create_database(name)
        return f"sqlite:///{self._folder / name}.sqlite3"


@contextmanager
def fresh_databases(kind: str, folder: Path) -> Iterator[FreshDatabases]:
    """Yield databases of a kind, "sqlite" or "postgresql", until the end of the block."""
    if kind == "sqlite":
        yield FreshDatabases(kind, folder, None)
        return
    with PostgreSQL() as server:
        yield FreshDatabases(kind, folder, server)
