"""Looking at keys, moving rows to the current one, letting one go."""

from collections.abc import Sequence
from typing import Self

from pyramid.request import Request
from zope.interface import implementer

from warehouse_mfa.crypto import IKeyRing
from warehouse_mfa.db import IUnitOfWork
from warehouse_mfa.keys.interfaces import (
    IKeyedTable,
    IKeyService,
    ISealedTable,
    KeyInUse,
    KeyIsCurrent,
    KeyUsage,
    NoSuchKey,
    Rotation,
)

BATCH = 100  # a writer holds the others up on SQLite, for some ten milliseconds


@implementer(IKeyService)
class KeyService:
    def __init__(self, work: IUnitOfWork, keys: IKeyRing, tables: Sequence[IKeyedTable]) -> None:
        self._work = work
        self._keys = keys
        self._tables = tables

    @classmethod
    def create(cls, context: object, request: Request) -> Self:
        return cls(
            request.find_service(IUnitOfWork),
            request.find_service(IKeyRing),
            [
                request.find_service(IKeyedTable, name=name)
                for name in request.registry["keyed_tables"]
            ],
        )

    def usage(self) -> list[KeyUsage]:
        by_table = {table.name: table.rows() for table in self._tables}
        known = {key_id for rows in by_table.values() for key_id in rows}
        missing = sorted(known.difference(self._keys.ids))
        return [
            KeyUsage(
                key_id,
                is_current=key_id == self._keys.current_id,
                is_in_ring=key_id in self._keys.ids,
                rows={table: rows[key_id] for table, rows in by_table.items() if key_id in rows},
            )
            for key_id in (*self._keys.ids, *missing)
        ]

    def rotate(self) -> list[Rotation]:
        return [self._rotate(table) for table in self._tables]

    def _rotate(self, table: IKeyedTable) -> Rotation:
        resealed, unreadable = None, 0
        if ISealedTable.providedBy(table):
            resealed = 0
            batch = table.reseal(None, BATCH)
            while batch.last_id is not None:
                resealed += batch.resealed
                unreadable += batch.unreadable
                self._work.commit()
                batch = table.reseal(batch.last_id, BATCH)
        rows = table.rows()
        left = sum(rows.values()) - rows.get(self._keys.current_id, 0)
        return Rotation(table.name, resealed, unreadable, left)

    def release(self, key_id: str) -> None:
        rows = self._rows_of(key_id)
        if rows:
            raise KeyInUse(key_id, rows)

    def revoke(self, key_id: str) -> dict[str, int]:
        hanging = self._rows_of(key_id)
        return {
            table.name: self._revoke(table, key_id)
            for table in self._tables
            if table.name in hanging
        }

    def _revoke(self, table: IKeyedTable, key_id: str) -> int:
        number = 0
        while revoked := table.revoke(key_id, BATCH):
            number += revoked
            self._work.commit()
        return number

    def _rows_of(self, key_id: str) -> dict[str, int]:
        """Return the rows of a key that may be let go, by table."""
        found = next((usage for usage in self.usage() if usage.key_id == key_id), None)
        if found is None:
            raise NoSuchKey(key_id)
        if found.is_current:
            raise KeyIsCurrent(key_id)
        return dict(found.rows)
