"""Evidence as a table. No foreign key to accounts: it outlives them."""

from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from warehouse_mfa.db import Base


class EvidenceRow(Base):
    """What was confirmed before the act of an event. Never updated, never deleted."""

    __tablename__ = "evidence"
    __table_args__ = (
        CheckConstraint(
            "(credential_id IS NULL) = (signature IS NULL)"
            " AND (public_key IS NULL) = (signature IS NULL)"
            " AND (client_data IS NULL) = (signature IS NULL)"
            " AND (authenticator_data IS NULL) = (signature IS NULL)",
            name="signed_whole",
        ),
    )

    event_id: Mapped[UUID] = mapped_column(Uuid(), ForeignKey("events.id"), primary_key=True)
    facts: Mapped[bytes]
    """Canonical JSON; its SHA-256 was signed as part of the challenge."""
    factor: Mapped[str] = mapped_column(String(32))
    rp_id: Mapped[str] = mapped_column(String(253))
    origin: Mapped[str] = mapped_column(String(300))
    credential_id: Mapped[bytes | None] = mapped_column(LargeBinary(1023))
    public_key: Mapped[bytes | None] = mapped_column(LargeBinary())
    """COSE_Key as it was sent."""
    client_data: Mapped[bytes | None] = mapped_column(LargeBinary())
    authenticator_data: Mapped[bytes | None] = mapped_column(LargeBinary())
    signature: Mapped[bytes | None] = mapped_column(LargeBinary())
