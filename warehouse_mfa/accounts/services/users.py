"""Knowing accounts."""

from typing import Any, Self
from uuid import UUID

from pyramid.request import Request
from sqlalchemy import Select, and_, bindparam, select, update
from zope.interface import implementer

from warehouse_mfa.accounts.interfaces import (
    Account,
    AccountChanged,
    IUserService,
)
from warehouse_mfa.accounts.models import Email, User
from warehouse_mfa.accounts.names import username_key
from warehouse_mfa.db import Session, rows_hit, table_of

USERS = table_of(User)
EMAILS = table_of(Email)
ACCOUNTS = select(
    USERS.c.id,
    USERS.c.username,
    USERS.c.name,
    USERS.c.locale,
    USERS.c.created_at,
    EMAILS.c.address,
    EMAILS.c.verified_at.is_not(None).label("is_verified"),
    USERS.c.user_handle,
    USERS.c.security_epoch,
    USERS.c.is_superuser,
    USERS.c.frozen_at,
    USERS.c.password_breached_at,
).join_from(USERS, EMAILS, and_(EMAILS.c.user_id == USERS.c.id, EMAILS.c.is_primary), isouter=True)
ACCOUNT = ACCOUNTS.where(USERS.c.id == bindparam("key"))
ACCOUNT_BY_USERNAME = ACCOUNTS.where(USERS.c.username_key == bindparam("key"))
ALL_ACCOUNTS = ACCOUNTS.order_by(USERS.c.id)
LOCKED_EPOCH = (
    select(USERS.c.security_epoch)
    .where(USERS.c.id == bindparam("the_id"))
    # As an UPDATE locks: a login that inserts a row of this account need not wait.
    .with_for_update(key_share=True)
)
RAISE_EPOCH = (
    update(USERS)
    .where(USERS.c.id == bindparam("the_id"), USERS.c.security_epoch == bindparam("expected"))
    .values(security_epoch=USERS.c.security_epoch + 1)
    .returning(USERS.c.security_epoch)
)
# More often than this no account changes between a backup and its restoring. What carries an epoch
# of that time, such as a challenge, must not meet it again.
LOST_EPOCHS = 10_000
RAISE_EPOCHS = update(USERS).values(security_epoch=USERS.c.security_epoch + LOST_EPOCHS)


@implementer(IUserService)
class UserService:
    def __init__(self, session: Session) -> None:
        self._session = session

    @classmethod
    def create(cls, context: object, request: Request) -> Self:
        return cls(request.db)

    def account(self, user_id: UUID) -> Account | None:
        return self._one(ACCOUNT, user_id)

    def account_by_username(self, username: str) -> Account | None:
        return self._one(ACCOUNT_BY_USERNAME, username_key(username))

    def accounts(self) -> list[Account]:
        return [Account(*row) for row in self._session.execute(ALL_ACCOUNTS)]

    def change_locale(self, user_id: UUID, locale: str) -> None:
        self._session.execute(update(USERS).where(USERS.c.id == user_id).values(locale=locale))

    def raise_security_epoch(self, user_id: UUID, expected: int) -> int:
        epoch: int | None = self._session.execute(
            RAISE_EPOCH, {"the_id": user_id, "expected": expected}
        ).scalar_one_or_none()
        if epoch is None:
            raise AccountChanged
        return epoch

    def locked_security_epoch(self, user_id: UUID) -> int:
        epoch: int | None = self._session.execute(LOCKED_EPOCH, {"the_id": user_id}).scalar()
        if epoch is None:
            raise AccountChanged
        return epoch

    def raise_security_epochs(self) -> int:
        return rows_hit(self._session, RAISE_EPOCHS)

    def _one(self, statement: Select[Any], key: UUID | str) -> Account | None:
        found = self._session.execute(statement, {"key": key}).one_or_none()
        return Account(*found) if found else None
