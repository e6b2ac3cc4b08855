"""Logins that wait for their second factor."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from warehouse_mfa.db import Base, new_id, owner_id


class PendingLoginRow(Base):
    """A right password, five minutes long. It is completed once."""

    __tablename__ = "pending_logins"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    digest: Mapped[bytes] = mapped_column(unique=True)
    user_id: Mapped[UUID] = owner_id(index=True)
    security_epoch: Mapped[int]
    typed_name: Mapped[str] = mapped_column(String(254))
    next: Mapped[str] = mapped_column(String(2048))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    completed_at: Mapped[datetime | None]
