"""The statement that most tables join with."""

from typing import Any

from sqlalchemy import Select, Table, bindparam, select


def rows_of(table: Table, *columns: str, owner: str = "user_id") -> Select[Any]:
    """Select these columns of an account's rows, oldest first; ids of this house rise with time."""
    return (
        select(*(table.c[name] for name in columns))
        .where(table.c[owner] == bindparam("user_id"))
        .order_by(table.c.id)
    )
