"""Users and their addresses, and names that nobody gets any more."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, String, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from warehouse_mfa.accounts.names import address_key, parse_address, username_key
from warehouse_mfa.db import Base, new_id, owner_id


class User(Base):
    """An account."""

    __tablename__ = "users"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    username: Mapped[str] = mapped_column(String(50))
    username_key: Mapped[str] = mapped_column(String(50), unique=True)
    """The username in lower case: two that differ in case only are one."""
    name: Mapped[str] = mapped_column(String(100), default="")
    password_hash: Mapped[str | None] = mapped_column(String(512))
    password_breached_at: Mapped[datetime | None]
    """When the password was found to have become known; until it is replaced."""
    security_epoch: Mapped[int] = mapped_column(default=0)
    """Rises when password, factors, primary address or state change; what carries an older one ends."""
    user_handle: Mapped[bytes] = mapped_column(unique=True)
    locale: Mapped[str] = mapped_column(String(16), default="en")
    time_zone: Mapped[str] = mapped_column(String(64), default="UTC", server_default="UTC")
    """Name in the tz database, such as Europe/Paris."""
    is_superuser: Mapped[bool] = mapped_column(default=False, server_default=false())
    created_at: Mapped[datetime]
    verified_at: Mapped[datetime | None]
    """When the account first verified an address; until then it is a claim that lapses."""
    frozen_at: Mapped[datetime | None]
    """Set while nobody may log in to the account."""
    publishing_held_at: Mapped[datetime | None]
    """Set while nothing may be published in its name, because somebody said "this was not me"."""
    probation_since: Mapped[datetime | None]
    probation_until: Mapped[datetime | None]
    """Until then acts of high impact have to wait."""
    probation_cause: Mapped[str | None] = mapped_column(String(32))

    @staticmethod
    def key_of(username: str) -> str:
        """Return the `username_key` that a username is found by."""
        return username_key(username)


class RetiredName(Base):
    """The name of an account that was deleted. Nobody gets it again: others trust it still."""

    __tablename__ = "retired_names"

    username_key: Mapped[str] = mapped_column(String(50), primary_key=True)
    former_id: Mapped[UUID]
    """Id of the account, which its events bear still."""
    retired_at: Mapped[datetime]


class Email(Base):
    """An address. Many may claim it, one can verify it."""

    __tablename__ = "emails"
    __table_args__ = (
        UniqueConstraint("user_id", "address_key"),
        Index(
            "uq_emails_verified",
            "address_key",
            unique=True,
            sqlite_where=text("verified_at IS NOT NULL"),
            postgresql_where=text("verified_at IS NOT NULL"),
        ),
        Index(
            "uq_emails_primary",
            "user_id",
            unique=True,
            sqlite_where=text("is_primary"),
            postgresql_where=text("is_primary"),
        ),
        Index(
            "uq_emails_public",
            "user_id",
            unique=True,
            sqlite_where=text("is_public"),
            postgresql_where=text("is_public"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    user_id: Mapped[UUID] = owner_id()
    address: Mapped[str] = mapped_column(String(254))
    address_key: Mapped[str] = mapped_column(String(254))
    """The address in lower case, its domain in ASCII."""
    is_primary: Mapped[bool] = mapped_column(default=False, server_default=false())
    is_public: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Others see it; a verified one only."""
    created_at: Mapped[datetime]
    verified_at: Mapped[datetime | None]

    user: Mapped[User] = relationship("User", backref="emails")

    @staticmethod
    def key_of(address: str) -> str:
        """Return the `address_key` that an address is found by."""
        return address_key(address)

    @staticmethod
    def parse(address: str) -> str | None:
        """Return the address as it is kept, `None` if it is none."""
        return parse_address(address)
