"""Logins and acts that wait, for a factor or an approval, and requests of people locked out."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from warehouse_mfa.db import Base, new_id, owner_id


class ResetRequest(Base):
    """Somebody asked for a reset link, for whatever name was typed; the worker looks who that is."""

    __tablename__ = "reset_requests"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    typed_name: Mapped[str] = mapped_column(String(254))
    client: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]


class AskedActRow(Base):
    """An act of high impact that waits to be confirmed, five minutes long. It is confirmed once."""

    __tablename__ = "asked_acts"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    user_id: Mapped[UUID] = owner_id(index=True)
    family_id: Mapped[UUID]
    """The session that asked, whichever id it has."""
    security_epoch: Mapped[int]
    action: Mapped[str] = mapped_column(String(64))
    target: Mapped[str] = mapped_column(String(255))
    facts: Mapped[bytes]
    """Canonical JSON, as it was shown first."""
    nonce: Mapped[bytes]
    asked_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    confirmed_at: Mapped[datetime | None]


class LostRequest(Base):
    """Somebody who has lost everything asks for help, for whatever name was typed."""

    __tablename__ = "lost_requests"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    user_id: Mapped[UUID | None] = owner_id(index=True)
    """Empty until a task has looked whose account it is."""
    typed_name: Mapped[str] = mapped_column(String(254))
    address: Mapped[str] = mapped_column(String(254))
    statement: Mapped[str] = mapped_column(String(500))
    is_password_right: Mapped[bool]
    is_own_address: Mapped[bool]
    """The address was a verified one of the account when its mailbox was shown."""
    client: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    """When its mailbox was shown: from then on it waits."""
    withdrawn_at: Mapped[datetime | None]


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


class HeldLoginRow(Base):
    """A complete login that waits for a mailed approval, and for the press after it."""

    __tablename__ = "held_logins"
    __table_args__ = (
        CheckConstraint("approved_at IS NULL OR refused_at IS NULL", name="one_decision"),
        CheckConstraint("completed_at IS NULL OR approved_at IS NOT NULL", name="approved_first"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    digest: Mapped[bytes] = mapped_column(unique=True)
    user_id: Mapped[UUID] = owner_id(index=True)
    security_epoch: Mapped[int]
    factor: Mapped[str] = mapped_column(String(32))
    """Name of the second factor that was proved."""
    credential: Mapped[str] = mapped_column(String(64))
    """Its label."""
    is_to_remember: Mapped[bool]
    next: Mapped[str] = mapped_column(String(2048))
    address: Mapped[str | None] = mapped_column(String(64))
    """Network address of the browser that waits."""
    agent: Mapped[str | None] = mapped_column(String(512))
    """What it said about itself; not to be shown."""
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    mailed_at: Mapped[datetime | None]
    """When the last mail was sent; `None` when there had been too many."""
    approved_at: Mapped[datetime | None]
    refused_at: Mapped[datetime | None]
    completed_at: Mapped[datetime | None]
