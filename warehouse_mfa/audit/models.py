"""Positions of events in the audit log."""

from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from warehouse_mfa.db import Base


class AuditLeaf(Base):
    """The leaf of an event, RFC 9162 §2.1. The sequencer writes them in order, without gaps."""

    __tablename__ = "audit_leaves"

    position: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    event_id: Mapped[UUID] = mapped_column(ForeignKey("events.id"), unique=True)
    leaf_hash: Mapped[bytes]
    """SHA-256 over a zero byte and the canonical leaf, 32 bytes."""
