"""Who wants to log in: account, or pending login, with the factors in the same statement."""

from datetime import datetime
from typing import Any

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import Session

from warehouse_mfa import crypto
from warehouse_mfa.accounts.models import Email, User
from warehouse_mfa.db import table_of
from warehouse_mfa.factors.interfaces import IFactorService
from warehouse_mfa.login.interfaces import LoginAccount, PendingLogin
from warehouse_mfa.login.models import PendingLoginRow

PENDING, USERS, EMAILS = table_of(PendingLoginRow), table_of(User), table_of(Email)


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

    def account(self, name: str) -> LoginAccount | None:
        """Return the account with that username, or with that verified address, in any case."""
        statement = self._statements["by address" if is_address(name) else "by username"]
        found = self._session.execute(statement, {"key": key_of(name)}).one_or_none()
        if found is None:
            return None
        user_id, username, password_hash, epoch, is_frozen, locale, *counts = found
        held = self._factors.held(counts)
        return LoginAccount(user_id, username, password_hash, epoch, is_frozen, locale, held)

    def pending(self, secret: bytes, now: datetime) -> PendingLogin | None:
        """Return the pending login that can be completed with `secret`."""
        found = self._session.execute(
            self._statements["pending"], {"digest": crypto.digest(secret), "now": now}
        ).one_or_none()
        if found is None:
            return None
        id_, user_id, username, epoch, locale, next_, *counts = found
        usable = self._factors.held(counts).usable
        return PendingLogin(id_, user_id, username, epoch, locale, next_, usable)


def _build(factor_columns: list[Any]) -> dict[str, Select[Any]]:
    account = select(
        USERS.c.id,
        USERS.c.username,
        USERS.c.password_hash,
        USERS.c.security_epoch,
        USERS.c.frozen_at.is_not(None).label("is_frozen"),
        USERS.c.locale,
        *factor_columns,
    )
    pending = select(
        PENDING.c.id,
        PENDING.c.user_id,
        USERS.c.username,
        PENDING.c.security_epoch,
        USERS.c.locale,
        PENDING.c.next,
        *factor_columns,
    )
    return {
        "by username": account.where(USERS.c.username_key == bindparam("key")),
        "by address": account.join(EMAILS, EMAILS.c.user_id == USERS.c.id).where(
            EMAILS.c.address_key == bindparam("key"), EMAILS.c.verified_at.is_not(None)
        ),
        "pending": pending.join(USERS, USERS.c.id == PENDING.c.user_id).where(
            PENDING.c.digest == bindparam("digest"),
            PENDING.c.completed_at.is_(None),
            PENDING.c.expires_at > bindparam("now"),
            PENDING.c.security_epoch == USERS.c.security_epoch,
            USERS.c.frozen_at.is_(None),
        ),
    }
