"""What the database holds, as a value: for tests that say what an answer changed, or that it did not."""

from collections.abc import Collection
from typing import Any

from tests.common.site import Site
from warehouse_mfa.db import Base

Tables = dict[str, list[tuple[Any, ...]]]


def dump(site: Site, *, without: Collection[str] = ()) -> Tables:
    """Return every row of every table, but for the tables and columns (`table.column`) `without`."""
    return {
        table.name: _rows(site, table.name, [c.name for c in table.columns], without)
        for table in Base.metadata.sorted_tables
        if table.name not in without
    }


def _rows(
    site: Site, table: str, columns: list[str], without: Collection[str]
) -> list[tuple[Any, ...]]:
    named = ", ".join(f'"{name}"' for name in columns if f"{table}.{name}" not in without)
    rows = site.rows(f'SELECT {named} FROM "{table}"')
    return sorted((tuple(row) for row in rows), key=repr)
