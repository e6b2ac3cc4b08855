"""The outbox, and the links that were mailed."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from warehouse_mfa.db import Base, new_id, owner_id


class Mail(Base):
    """A mail: waiting until `sent_at` or `failed_at` is set."""

    __tablename__ = "mails"
    __table_args__ = (
        Index(
            "ix_mails_waiting",
            "due_at",
            sqlite_where=text("sent_at IS NULL AND failed_at IS NULL"),
            postgresql_where=text("sent_at IS NULL AND failed_at IS NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    recipient: Mapped[str] = mapped_column(String(320))
    subject: Mapped[str] = mapped_column(String(998))
    text: Mapped[str] = mapped_column(Text)
    html: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]
    due_at: Mapped[datetime]
    lease: Mapped[UUID | None]
    """Who is handing it over; the lease ends at `due_at`."""
    attempts: Mapped[int] = mapped_column(default=0)
    sent_at: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]
    last_error: Mapped[str | None] = mapped_column(String(500))


class MailedToken(Base):
    """A link that was mailed; the secret in it is kept as SHA-256."""

    __tablename__ = "mailed_tokens"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    digest: Mapped[bytes] = mapped_column(unique=True)
    purpose: Mapped[str] = mapped_column(String(32))
    user_id: Mapped[UUID] = owner_id(index=True)
    about_id: Mapped[UUID]
    security_epoch: Mapped[int]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    used_at: Mapped[datetime | None]
