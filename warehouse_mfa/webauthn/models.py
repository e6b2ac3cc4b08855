"""Credentials of security keys and passkeys, and spent challenges."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, LargeBinary, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from warehouse_mfa.db import Base, new_id, owner_id


class WebAuthnCredential(Base):
    """One credential. WebAuthn L3 §4, Credential Record."""

    __tablename__ = "webauthn_credentials"
    __table_args__ = (UniqueConstraint("user_id", "label_key"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    user_id: Mapped[UUID] = owner_id()
    label: Mapped[str] = mapped_column(String(64))
    label_key: Mapped[str] = mapped_column(String(64))
    credential_id: Mapped[bytes] = mapped_column(LargeBinary(1023), unique=True)
    public_key: Mapped[bytes]
    """COSE_Key as it was sent."""
    sign_count: Mapped[int] = mapped_column(BigInteger)
    transports: Mapped[str] = mapped_column(String(64))
    """Comma-separated."""
    aaguid: Mapped[UUID]
    """Without a trusted attestation a hint for a name, never for a decision."""
    is_backup_eligible: Mapped[bool]
    is_backed_up: Mapped[bool]
    is_user_verified: Mapped[bool]
    """User verification took place at registration."""
    is_passkey: Mapped[bool] = mapped_column(default=False, server_default=false())
    """It was registered to log in without a password: discoverable, and it verifies its user."""
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    suspended_at: Mapped[datetime | None]
    """Set when its counter went back; a suspended credential proves nothing."""


class SpentChallenge(Base):
    """A challenge that was answered; it must not be answered again while it lives."""

    __tablename__ = "spent_challenges"

    nonce: Mapped[bytes] = mapped_column(primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(index=True)
