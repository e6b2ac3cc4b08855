"""Counters that must survive everything."""

from sqlalchemy import BigInteger
from sqlalchemy.orm import Mapped, mapped_column

from warehouse_mfa.db import Base


class AttemptCounter(Base):
    """Attempts of one subject in one window."""

    __tablename__ = "attempt_counters"

    key: Mapped[bytes] = mapped_column(primary_key=True)
    span: Mapped[int] = mapped_column(primary_key=True)
    """Length of the window in seconds."""
    allowed: Mapped[int]
    count: Mapped[int]
    refused: Mapped[int] = mapped_column(default=0)
    """Attempts beyond the limit; the first is put on record, the others add up here."""
    ends: Mapped[int] = mapped_column(BigInteger, index=True)
    """End of the window, in seconds since the epoch."""
    held_until: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    """Where delays follow on a full window: no attempt is taken before."""
