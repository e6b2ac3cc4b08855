"""Rules and hashes of passwords."""

from typing import Self
from uuid import UUID

from pyramid.request import Request
from sqlalchemy import and_, bindparam, select, update
from zope.interface import implementer

from warehouse_mfa.accounts import password_rules
from warehouse_mfa.accounts.interfaces import (
    AccountChanged,
    IPasswordService,
    PasswordHolder,
    PasswordRefused,
    PasswordRules,
)
from warehouse_mfa.accounts.models import Email, User
from warehouse_mfa.breaches.interfaces import IPasswordBreachService
from warehouse_mfa.clock import IClock
from warehouse_mfa.crypto import IPasswordHasher, PasswordMatch
from warehouse_mfa.db import IUnitOfWork, Session, hits_one, table_of
from warehouse_mfa.settings import SecondFactorPolicy, Settings

USERS, EMAILS = table_of(User), table_of(Email)
HOLDER = (
    select(USERS.c.id, USERS.c.username, USERS.c.password_hash, EMAILS.c.address)
    .outerjoin(EMAILS, and_(EMAILS.c.user_id == USERS.c.id, EMAILS.c.is_primary))
    .where(USERS.c.id == bindparam("the_id"))
)


@implementer(IPasswordService)
class PasswordService:
    def __init__(
        self,
        session: Session,
        work: IUnitOfWork,
        clock: IClock,
        hasher: IPasswordHasher,
        breaches: IPasswordBreachService,
        settings: Settings,
    ) -> None:
        self._session = session
        self._work = work
        self._clock = clock
        self._hasher = hasher
        self._breaches = breaches
        self._settings = settings

    @classmethod
    def create(cls, context: object, request: Request) -> Self:
        return cls(
            request.db,
            request.find_service(IUnitOfWork),
            request.find_service(IClock),
            request.find_service(IPasswordHasher),
            request.find_service(IPasswordBreachService),
            request.registry["settings"],
        )

    def rules(self) -> PasswordRules:
        is_optional = self._settings.second_factor is SecondFactorPolicy.OPTIONAL
        least = password_rules.SHORTEST_ALONE if is_optional else password_rules.SHORTEST
        return PasswordRules(
            least=least,
            most=password_rules.LONGEST,
            words=(self._settings.site_name, self._settings.relying_party_id),
            too_short=password_rules.TOO_SHORT % {"least": least},
            too_long=password_rules.TOO_LONG,
            is_about_you=password_rules.IS_ABOUT_YOU,
        )

    def check(self, password: str, *, username: str, address: str) -> None:
        rules = self.rules()
        password_rules.check(
            password_rules.normalize(password),
            shortest=rules.least,
            about=[username, address, address.partition("@")[0], *rules.words],
        )

    def refuse_breached(self, password: str) -> None:
        with self._work.paused():
            if self.is_breached(password):
                raise PasswordRefused(password_rules.IS_BREACHED)

    def is_breached(self, password: str) -> bool:
        return bool(self._breaches.is_breached(password_rules.normalize(password)))

    def mark_breached(self, user_id: UUID, stored: str) -> bool:
        statement = (
            update(USERS)
            .where(
                USERS.c.id == user_id,
                USERS.c.password_hash == stored,
                USERS.c.password_breached_at.is_(None),
            )
            .values(password_breached_at=self._clock.now())
        )
        return hits_one(self._session, statement)

    def hash(self, password: str) -> str:
        return self._hasher.hash(password_rules.normalize(password))

    def verify(self, password: str, stored: str | None) -> PasswordMatch:
        return self._hasher.verify(password_rules.normalize(password), stored)

    def holder(self, user_id: UUID) -> PasswordHolder:
        found = self._session.execute(HOLDER, {"the_id": user_id}).one_or_none()
        if found is None:
            raise AccountChanged
        user_id, username, stored, address = found
        return PasswordHolder(user_id, username, address or "", stored)

    def replace(self, holder: PasswordHolder, hashed: str) -> None:
        statement = (
            update(USERS)
            .where(
                USERS.c.id == holder.user_id,
                USERS.c.password_hash.is_not_distinct_from(holder.stored),
            )
            .values(password_hash=hashed, password_breached_at=None)
        )
        if not hits_one(self._session, statement):
            raise AccountChanged

    def upgrade(self, user_id: UUID, stored: str, upgraded: str) -> None:
        self._session.execute(
            update(User)
            .where(User.id == user_id, User.password_hash == stored)
            .values(password_hash=upgraded)
        )
