"""What tables of keyed rows have in common: counting, and encrypting again."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Row, Table, func, select, update

from warehouse_mfa.crypto import CannotOpen, IKeyRing
from warehouse_mfa.db import Session, hits_one
from warehouse_mfa.keys.interfaces import NO_KEY, Batch


class KeyedRows:
    """Base of an `IKeyedTable`; what revoking means is for its capability to say."""

    def __init__(self, session: Session, table: Table) -> None:
        """`table` has the columns `id` and `key_id`."""
        self._session = session
        self._table = table
        self.name = table.name

    def rows(self) -> dict[str, int]:
        key_id = self._table.c.key_id
        counted = self._session.execute(
            select(key_id, func.count()).where(key_id != NO_KEY).group_by(key_id)
        )
        return {row.key_id: row[1] for row in counted}


class SealedRows(KeyedRows):
    """Base of an `ISealedTable`."""

    def __init__(
        self,
        session: Session,
        table: Table,
        keys: IKeyRing,
        *,
        purpose: str,
        sealed: Column[bytes],
        bound_to: Callable[[Row[Any]], bytes],
    ) -> None:
        """`sealed` is the column; `bound_to` gives what the value of a row was sealed with."""
        super().__init__(session, table)
        self._keys = keys
        self._purpose = purpose
        self._sealed = sealed
        self._bound_to = bound_to

    def reseal(self, after: UUID | None, most: int) -> Batch:
        table = self._table
        elsewhere = select(table).where(table.c.key_id.not_in([NO_KEY, self._keys.current_id]))
        if after is not None:
            elsewhere = elsewhere.where(table.c.id > after)
        rows = self._session.execute(elsewhere.order_by(table.c.id).limit(most)).all()
        resealed = unreadable = 0
        for row in rows:
            old, bound_to = getattr(row, self._sealed.name), self._bound_to(row)
            try:
                secret = self._keys.open(self._purpose, old, bound_to=bound_to)
            except CannotOpen:
                unreadable += 1
                continue
            resealed += hits_one(
                self._session,
                update(table)
                .where(table.c.id == row.id, self._sealed == old)
                .values(
                    {
                        self._sealed: self._keys.seal(self._purpose, secret, bound_to=bound_to),
                        table.c.key_id: self._keys.current_id,
                    }
                ),
            )
        return Batch(rows[-1].id if rows else None, resealed, unreadable)

    def unreadable(self, most: int) -> int:
        table = self._table
        last = select(table).where(table.c.key_id != NO_KEY).order_by(table.c.id.desc())
        return sum(not self._opens(row) for row in self._session.execute(last.limit(most)))

    def _opens(self, row: Row[Any]) -> bool:
        try:
            self._keys.open(
                self._purpose, getattr(row, self._sealed.name), bound_to=self._bound_to(row)
            )
        except CannotOpen:
            return False
        return True
