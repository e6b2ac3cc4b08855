"""Putting a SQLite database back, when somebody else has changed it."""

import sqlite3
from typing import Self

from sqlalchemy.engine import make_url


class Snapshot:
    """What a database held when it was kept. A context manager."""

    def __init__(self, url: str) -> None:
        self._live = sqlite3.connect(str(make_url(url).database))
        self._kept = sqlite3.connect(":memory:")
        self._version = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._live.close()
        self._kept.close()

    def keep(self) -> None:
        """Keep what the database holds now."""
        self._live.backup(self._kept)
        self._version = self._changes_of_others()

    def put_back(self) -> bool:
        """Put back what was kept; return whether anything had changed."""
        if self._changes_of_others() == self._version:
            return False
        self._kept.backup(self._live)
        self._version = self._changes_of_others()
        return True

    def _changes_of_others(self) -> int:
        (version,) = self._live.execute("PRAGMA data_version").fetchone()
        return int(version)
