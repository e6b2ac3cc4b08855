"""A backup of a database: every row as it was, and back again."""

from typing import Any

from sqlalchemy import insert, select

from tests.common.databases import empty
from warehouse_mfa.db import Base, create_engine


class Backup:
    """The rows of a database at a moment; `restore` makes them the only ones again."""

    def __init__(self, database_url: str) -> None:
        self._url = database_url
        self._rows: dict[str, list[dict[str, Any]]] = {}
        engine = create_engine(database_url)
        with engine.begin() as connection:
            for table in Base.metadata.sorted_tables:
                rows = connection.execute(select(table)).mappings()
                self._rows[table.name] = [dict(row) for row in rows]
        engine.dispose()

    def restore(self) -> None:
        """Put everything back as it was."""
        engine = create_engine(self._url)
        empty(engine)
        with engine.begin() as connection:
            for table in Base.metadata.sorted_tables:
                if self._rows[table.name]:
                    connection.execute(insert(table), self._rows[table.name])
        engine.dispose()
