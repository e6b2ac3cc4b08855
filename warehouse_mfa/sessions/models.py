"""Sessions and known devices."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, Uuid, false
from sqlalchemy.orm import Mapped, mapped_column

from warehouse_mfa.db import Base, new_id, owner_id


class Session(Base):
    """A login in one browser. It counts while its epoch is that of the account."""

    __tablename__ = "sessions"
    __table_args__ = (Index("ix_sessions_user_id_last_seen_at", "user_id", "last_seen_at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    digest: Mapped[bytes] = mapped_column(unique=True)
    family_id: Mapped[UUID]
    user_id: Mapped[UUID] = owner_id()
    security_epoch: Mapped[int]
    factor: Mapped[str | None] = mapped_column(String(32))
    """Name of the second factor that was proved, `None` for a password alone."""
    factor_at: Mapped[datetime | None]
    is_reduced: Mapped[bool] = mapped_column(default=False, server_default=false())
    """The factor was one below the account's strongest."""
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    address: Mapped[str | None] = mapped_column(String(64))
    """Network address of the last use."""
    agent: Mapped[str | None] = mapped_column(String(512))
    """What the browser said about itself at login; not to be shown."""


class KnownDevice(Base):
    """A browser that has logged in fully."""

    __tablename__ = "known_devices"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    digest: Mapped[bytes] = mapped_column(unique=True)
    user_id: Mapped[UUID] = owner_id(index=True)
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    address: Mapped[str | None] = mapped_column(String(64))
    """Network address of the last login that was noted."""
    agent: Mapped[str | None] = mapped_column(String(512))
    """What the browser said about itself at its first login; not to be shown."""


class RememberedDevice(Base):
    """A known device that is asked for no second factor, while its epoch is that of the account."""

    __tablename__ = "remembered_devices"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    digest: Mapped[bytes] = mapped_column(unique=True)
    device_id: Mapped[UUID] = mapped_column(
        Uuid(), ForeignKey("known_devices.id", ondelete="CASCADE"), unique=True
    )
    user_id: Mapped[UUID] = owner_id(index=True)
    security_epoch: Mapped[int]
    factor: Mapped[str] = mapped_column(String(32))
    """Name of the second factor that was proved when it was remembered."""
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
