"""Which factors there are, and what a change of them means."""

from collections.abc import Callable
from typing import Any, Self
from uuid import UUID

from pyramid.registry import Registry
from pyramid.request import Request
from sqlalchemy import Select, bindparam, literal, select, union_all
from sqlalchemy.orm import Session
from zope.interface import implementer

from warehouse_mfa.accounts.interfaces import AccountChanged, IUserService
from warehouse_mfa.accounts.models import User
from warehouse_mfa.authz import Identity
from warehouse_mfa.db import table_of
from warehouse_mfa.factors.interfaces import (
    FactorCredential,
    FactorStatus,
    IFactor,
    IFactorService,
)
from warehouse_mfa.sessions.interfaces import ISessionCookies, ISessionService, SessionEnded
from warehouse_mfa.settings import SecondFactorPolicy

USERS = table_of(User)


@implementer(IFactorService)
class FactorService:
    def __init__(
        self,
        session: Session,
        registry: Registry,
        find: Callable[[str], Any],
        users: IUserService,
        sessions: ISessionService,
        cookies: ISessionCookies,
    ) -> None:
        self._session = session
        self._registry = registry
        self._find = find
        self._users = users
        self._sessions = sessions
        self._cookies = cookies

    @classmethod
    def create(cls, context: object, request: Request) -> Self:
        return cls(
            request.db,
            request.registry,
            lambda name: request.find_service(IFactor, name=name),
            request.find_service(IUserService),
            request.find_service(ISessionService),
            request.find_service(ISessionCookies),
        )

    def all(self) -> list[Any]:
        policy = self._registry["settings"].second_factor
        factors = [self._find(name) for name in self._registry["factors"]]
        if policy is SecondFactorPolicy.WEBAUTHN:
            factors = [factor for factor in factors if factor.is_phishing_resistant]
        return sorted(factors, key=lambda factor: -factor.strength)

    def by_segment(self, segment: str) -> Any | None:
        return next((factor for factor in self.all() if factor.segment == segment), None)

    def enrolled(self, user_id: UUID) -> list[Any]:
        statement = self._built(
            "factors enrolled",
            lambda: select(*self.enrolled_columns()).where(USERS.c.id == bindparam("user_id")),
        )
        counts = self._session.execute(statement, {"user_id": user_id}).one_or_none() or ()
        return [factor for factor, count in zip(self.all(), counts, strict=False) if count]

    def enrolled_columns(self) -> list[Any]:
        return [factor.enrolled.label(f"factor_{factor.name}") for factor in self.all()]

    def statuses(self, user_id: UUID) -> list[FactorStatus]:
        factors = self.all()
        rows = self._session.execute(
            self._built("factor credentials", self._select_credentials), {"user_id": user_id}
        )
        credentials = [FactorCredential(*row) for row in rows]
        return [
            FactorStatus(
                factor,
                tuple(credential for credential in credentials if credential.factor == factor.name),
            )
            for factor in factors
        ]

    def added(self, identity: Identity, factor: str) -> None:
        epoch = self._users.raise_security_epoch(identity.user_id, identity.security_epoch)
        if identity.session_id is None:
            raise AccountChanged
        try:
            renewed = self._sessions.renew(identity.session_id, epoch, factor=factor)
        except SessionEnded as error:
            raise AccountChanged from error
        self._cookies.hand_out(renewed)

    def _select_credentials(self) -> Any:
        """One statement for all factors, so that a page costs the same however many there are."""
        parts: list[Select[Any]] = []
        for factor in self.all():
            listed = factor.credentials.subquery()
            parts.append(select(literal(factor.name).label("factor"), *listed.c))
        combined = union_all(*parts).subquery()
        return select(combined).order_by(combined.c.created_at, combined.c.id)

    def _built(self, name: str, build: Callable[[], Any]) -> Any:
        """Return a statement that depends on the factors only, built once."""
        statements = self._registry.setdefault("factor_statements", {})
        if name not in statements:
            statements[name] = build()
        return statements[name]
