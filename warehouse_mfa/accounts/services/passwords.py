"""Rules and hashes of passwords."""

from typing import Self
from uuid import UUID

from pyramid.request import Request
from sqlalchemy import update
from sqlalchemy.orm import Session
from zope.interface import implementer

from warehouse_mfa.accounts import password_rules
from warehouse_mfa.accounts.interfaces import IPasswordService
from warehouse_mfa.accounts.models import User
from warehouse_mfa.crypto import IPasswordHasher, PasswordMatch
from warehouse_mfa.settings import SecondFactorPolicy, Settings


@implementer(IPasswordService)
class PasswordService:
    def __init__(self, session: Session, hasher: IPasswordHasher, settings: Settings) -> None:
        self._session = session
        self._hasher = hasher
        self._settings = settings

    @classmethod
    def create(cls, context: object, request: Request) -> Self:
        return cls(request.db, request.find_service(IPasswordHasher), request.registry["settings"])

    def check(self, password: str, *, username: str, address: str) -> None:
        is_optional = self._settings.second_factor is SecondFactorPolicy.OPTIONAL
        password_rules.check(
            password_rules.normalize(password),
            shortest=password_rules.SHORTEST_ALONE if is_optional else password_rules.SHORTEST,
            about=[
                username,
                address,
                address.partition("@")[0],
                self._settings.site_name,
                self._settings.relying_party_id,
            ],
        )

    def hash(self, password: str) -> str:
        return self._hasher.hash(password_rules.normalize(password))

    def verify(self, password: str, stored: str | None) -> PasswordMatch:
        return self._hasher.verify(password_rules.normalize(password), stored)

    def upgrade(self, user_id: UUID, stored: str, upgraded: str) -> None:
        self._session.execute(
            update(User)
            .where(User.id == user_id, User.password_hash == stored)
            .values(password_hash=upgraded)
        )
