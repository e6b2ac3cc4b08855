"""What all models share: names of constraints, identifiers, times."""

import os
import threading
import time
import uuid
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import DateTime, Dialect, ForeignKey, LargeBinary, MetaData, String, Uuid
from sqlalchemy.orm import DeclarativeBase, MappedColumn, mapped_column
from sqlalchemy.types import TypeDecorator

CONSTRAINT_NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class UTCDateTime(TypeDecorator[datetime]):
    """An aware time in UTC; SQLite, which knows no zones, gets and gives it without one."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("A time without a zone does not enter the database.")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """Base of all models."""

    metadata = MetaData(naming_convention=CONSTRAINT_NAMES)
    type_annotation_map: dict[Any, Any] = {
        datetime: UTCDateTime(),
        uuid.UUID: Uuid(),
        bytes: LargeBinary(),
        str: String(),
    }


def owner_id(*, index: bool = False) -> MappedColumn[uuid.UUID]:
    """Return the column `user_id` of a row that is deleted with its account.

    Its type is given, because a foreign key by name would take it from a table that may not be
    imported yet, and statements are built at import.
    """
    return mapped_column(Uuid(), ForeignKey("users.id", ondelete="CASCADE"), index=index)


class _Ticks:
    """Ticks of a 4096th of a millisecond, each later than the last one of this process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last = 0

    def next(self) -> int:
        now = (time.time_ns() << 12) // 1_000_000
        with self._lock:
            self._last = max(now, self._last + 1)
            return self._last


_TICKS = _Ticks()


def new_id() -> uuid.UUID:
    """Return a UUID version 7: of one process, rows made later sort later. RFC 9562 §5.7.

    Twelve bits after the milliseconds are their fraction (§6.2, method 3), so that rows of one
    request keep their order. Identifiers are no secrets: this needs neither `IClock` nor `IEntropy`.
    """
    ticks = _TICKS.next()
    milliseconds, fraction = ticks >> 12, ticks & 0xFFF
    random = int.from_bytes(os.urandom(8), "big") >> 2
    version, variant = 0x7, 0b10
    value = milliseconds << 80 | version << 76 | fraction << 64 | variant << 62 | random
    return uuid.UUID(int=value)
