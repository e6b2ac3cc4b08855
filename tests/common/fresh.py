"""New databases, empty, as many as a test wants."""

from dataclasses import dataclass

from tests.common.databases import Databases


@dataclass(frozen=True)
class FreshDatabases:
    """Gives URLs of databases that hold nothing: `fresh.url()`."""

    kind: str
    _databases: Databases

    def url(self) -> str:
        """Return the URL of a new database without any table."""
        return self._databases.fresh(self.kind)
