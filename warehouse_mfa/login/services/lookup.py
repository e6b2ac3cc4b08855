"""Who wants to log in: account, or pending login, with factors and known browser in one statement."""

from datetime import datetime
from typing import Any, Self
from uuid import UUID

from pyramid.request import Request
from sqlalchemy import Select, and_, bindparam, select

from warehouse_mfa import crypto
from warehouse_mfa.accounts.models import Email, User
from warehouse_mfa.db import Session, table_of
from warehouse_mfa.factors.interfaces import IFactorService
from warehouse_mfa.login.interfaces import LoginAccount, PendingLogin
from warehouse_mfa.login.models import PendingLoginRow
from warehouse_mfa.sessions.interfaces import Device
from warehouse_mfa.sessions.models import KnownDevice

PENDING, USERS, EMAILS = table_of(PendingLoginRow), table_of(User), table_of(Email)
DEVICES = table_of(KnownDevice)


def is_address(name: str) -> bool:
    """Tell what a name is looked up as: the at sign alone decides, whether anybody has it or not."""
    return "@" in name


def key_of(name: str) -> str:
    """Return what all spellings of a name have in common, whether anybody has it or not."""
    return Email.key_of(name) if is_address(name) else User.key_of(name)


class LoginLookup:
    """Finds accounts and pending logins. Its statements name the factors, and are built once."""

    def __init__(
        self, session: Session, factors: IFactorService, statements: dict[str, Select[Any]]
    ) -> None:
        self._session = session
        self._factors = factors
        if not statements:
            statements.update(_build(factors.columns()))
        self._statements = statements

    @classmethod
    def create(cls, request: Request) -> Self:
        return cls(
            request.db,
            request.find_service(IFactorService),
            request.registry.setdefault("login_statements", {}),
        )

    def account(self, name: str, device_secret: bytes | None, now: datetime) -> LoginAccount | None:
        """Return the account with that username, or with that verified address, in any case."""
        statement = self._statements["by address" if is_address(name) else "by username"]
        return self._account(statement, key_of(name), device_secret, now)

    def account_of(
        self, user_id: UUID, device_secret: bytes | None, now: datetime
    ) -> LoginAccount | None:
        """Return the account with that id."""
        return self._account(self._statements["by id"], user_id, device_secret, now)

    def _account(
        self, statement: Select[Any], key: object, device_secret: bytes | None, now: datetime
    ) -> LoginAccount | None:
        values = {"key": key, "device": _digest(device_secret), "now": now}
        found = self._session.execute(statement, values).one_or_none()
        if found is None:
            return None
        user_id, username, hashed, epoch, is_frozen, is_superuser, is_verified, *rest = found
        probation_until, locale, device_id, used_at, *counts = rest
        return LoginAccount(
            user_id,
            username,
            hashed,
            epoch,
            is_frozen,
            is_superuser,
            is_verified,
            probation_until,
            locale,
            Device(device_id, user_id, used_at) if device_id else None,
            self._factors.held(counts),
        )

    def pending(
        self, secret: bytes, device_secret: bytes | None, now: datetime
    ) -> PendingLogin | None:
        """Return the pending login that can be completed with `secret`."""
        values = {"digest": crypto.digest(secret), "device": _digest(device_secret), "now": now}
        found = self._session.execute(self._statements["pending"], values).one_or_none()
        if found is None:
            return None
        id_, user_id, username, epoch, is_superuser, probation_until, *rest = found
        locale, next_, device_id, used_at, *counts = rest
        device = Device(device_id, user_id, used_at) if device_id else None
        usable = self._factors.held(counts).usable
        return PendingLogin(
            id_,
            user_id,
            username,
            epoch,
            is_superuser,
            probation_until,
            locale,
            next_,
            device,
            usable,
        )


def _digest(secret: bytes | None) -> bytes | None:
    return None if secret is None else crypto.digest(secret)


def _build(factor_columns: list[Any]) -> dict[str, Select[Any]]:
    account = select(
        USERS.c.id,
        USERS.c.username,
        USERS.c.password_hash,
        USERS.c.security_epoch,
        USERS.c.frozen_at.is_not(None).label("is_frozen"),
        USERS.c.is_superuser,
        USERS.c.verified_at.is_not(None).label("is_verified"),
        USERS.c.probation_until,
        USERS.c.locale,
        DEVICES.c.id.label("device_id"),
        DEVICES.c.last_used_at,
        *factor_columns,
    )
    pending = select(
        PENDING.c.id,
        PENDING.c.user_id,
        USERS.c.username,
        PENDING.c.security_epoch,
        USERS.c.is_superuser,
        USERS.c.probation_until,
        USERS.c.locale,
        PENDING.c.next,
        DEVICES.c.id.label("device_id"),
        DEVICES.c.last_used_at,
        *factor_columns,
    )
    is_asking = and_(
        DEVICES.c.user_id == USERS.c.id,
        DEVICES.c.digest == bindparam("device"),
        DEVICES.c.expires_at > bindparam("now"),
    )
    known = USERS.outerjoin(DEVICES, is_asking)
    return {
        "by id": account.select_from(known).where(USERS.c.id == bindparam("key")),
        "by username": account.select_from(known).where(USERS.c.username_key == bindparam("key")),
        "by address": account.select_from(known.join(EMAILS, EMAILS.c.user_id == USERS.c.id)).where(
            EMAILS.c.address_key == bindparam("key"), EMAILS.c.verified_at.is_not(None)
        ),
        "pending": pending.select_from(known.join(PENDING, PENDING.c.user_id == USERS.c.id)).where(
            PENDING.c.digest == bindparam("digest"),
            PENDING.c.completed_at.is_(None),
            PENDING.c.expires_at > bindparam("now"),
            PENDING.c.security_epoch == USERS.c.security_epoch,
            USERS.c.frozen_at.is_(None),
        ),
    }
