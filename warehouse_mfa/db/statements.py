"""Statements that decide: what may happen once is one conditional statement that hits one row."""

from collections.abc import Mapping
from typing import Any, cast

from sqlalchemy import Executable, Table

from warehouse_mfa.db.models import Base
from warehouse_mfa.db.session import Session


def table_of(model: type[Base]) -> Table:
    """Return the table of a model, for statements that are built once and skip the ORM."""
    return cast(Table, model.__table__)


def hits_one(
    session: Session, statement: Executable, values: Mapping[str, Any] | None = None
) -> bool:
    """Execute a change that is made on a condition; tell whether it was made, to one row.

    Of several at once, one finds it: never read, compare and write instead.
    """
    return rows_hit(session, statement, values) == 1


def rows_hit(
    session: Session, statement: Executable, values: Mapping[str, Any] | None = None
) -> int:
    """Execute a change; return how many rows it was made to."""
    rows: Any = session.execute(statement, values)
    return cast(int, rows.rowcount)
