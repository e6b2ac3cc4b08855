"""Authenticator applications."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from warehouse_mfa.db import Base, new_id, owner_id


class TOTPApplication(Base):
    """One enrolled application. Each has its own secret and its own last step."""

    __tablename__ = "totp_applications"
    __table_args__ = (UniqueConstraint("user_id", "label_key"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    user_id: Mapped[UUID] = owner_id()
    label: Mapped[str] = mapped_column(String(64))
    label_key: Mapped[str] = mapped_column(String(64))
    sealed_secret: Mapped[bytes]
    """AES-256-GCM, bound to this row."""
    key_id: Mapped[str] = mapped_column(String(32), index=True)
    """The key of the ring that the secret hangs on; empty, as the secret is, once it was revoked."""
    last_step: Mapped[int] = mapped_column(BigInteger)
    """The time step of the last code that was taken; it only rises."""
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
