"""The trail as tables. No foreign keys to accounts: the trail outlives them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from warehouse_mfa.db import Base, new_id


class EventRow(Base):
    """What happened. Never updated, never deleted."""

    __tablename__ = "events"
    __table_args__ = (Index("ix_events_subject_id_id", "subject_id", "id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    tag: Mapped[str] = mapped_column(String(100))
    happened_at: Mapped[datetime]
    subject_id: Mapped[UUID | None]
    actor_id: Mapped[UUID | None]
    session_id: Mapped[UUID | None]
    factor: Mapped[str | None] = mapped_column(String(32))
    facts: Mapped[dict[str, Any]] = mapped_column(JSON)


class EventPrivate(Base):
    """A personal field of an event, which can be erased while the event stays.

    The trail commits to the field by a digest over salt and value, which says nothing once both
    are gone.
    """

    __tablename__ = "event_private"

    event_id: Mapped[UUID] = mapped_column(ForeignKey("events.id"), primary_key=True)
    field: Mapped[str] = mapped_column(String(32), primary_key=True)
    value: Mapped[str] = mapped_column(String(512))
    salt: Mapped[bytes]
