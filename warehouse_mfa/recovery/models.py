"""Recovery codes."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from warehouse_mfa.db import Base, new_id, owner_id


class RecoveryCode(Base):
    """One code, as a keyed digest."""

    __tablename__ = "recovery_codes"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    user_id: Mapped[UUID] = owner_id(index=True)
    digest: Mapped[bytes] = mapped_column(unique=True)
    """HMAC-SHA256 over account and code, with a key of the ring."""
    key_id: Mapped[str] = mapped_column(String(32), index=True)
    created_at: Mapped[datetime]
    redeemed_at: Mapped[datetime | None]
    proved_at: Mapped[datetime | None]
    """Set on all codes of a set when one of them was typed in again."""
