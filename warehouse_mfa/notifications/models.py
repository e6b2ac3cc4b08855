"""What people were told, in their account."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from warehouse_mfa.db import Base, owner_id


class NoticeRow(Base):
    """An event that its subject was told about by mail. Its id is the event's."""

    __tablename__ = "notices"
    __table_args__ = (Index("ix_notices_user_id_id", "user_id", "id"),)

    id: Mapped[UUID] = mapped_column(Uuid(), ForeignKey("events.id"), primary_key=True)
    user_id: Mapped[UUID] = owner_id()
    read_at: Mapped[datetime | None]
