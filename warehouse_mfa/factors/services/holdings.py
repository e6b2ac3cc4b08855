"""Which factors there are, and which an account has."""

from collections.abc import Callable, Sequence
from functools import cached_property
from itertools import compress
from typing import Any, Self
from uuid import UUID

from pyramid.registry import Registry
from pyramid.request import Request
from sqlalchemy import (
    Select,
    bindparam,
    literal,
    select,
    union_all,
)
from zope.interface import implementer

from warehouse_mfa.accounts.interfaces import AccountChanged
from warehouse_mfa.accounts.models import User
from warehouse_mfa.authz import IFactorPolicy
from warehouse_mfa.db import Session, table_of
from warehouse_mfa.factors.interfaces import (
    FactorCredential,
    FactorStatus,
    HeldFactors,
    IFactor,
    IFactorService,
)
from warehouse_mfa.settings import SecondFactorPolicy

USERS = table_of(User)


@implementer(IFactorService, IFactorPolicy)
class FactorService:
    def __init__(
        self,
        session: Session,
        registry: Registry,
        find: Callable[[str], Any],
    ) -> None:
        self._session = session
        self._registry = registry
        self._find = find

    @classmethod
    def create(cls, context: object, request: Request) -> Self:
        return cls(
            request.db,
            request.registry,
            lambda name: request.find_service(IFactor, name=name),
        )

    def all(self) -> list[Any]:
        return self._all

    @cached_property
    def _all(self) -> list[Any]:
        factors = [self._find(name) for name in self._registry["factors"]]
        return sorted(factors, key=lambda factor: -factor.strength)

    def counts(self, name: str) -> bool:
        policy = self._registry["settings"].second_factor
        return policy is not SecondFactorPolicy.WEBAUTHN or self._find(name).is_phishing_resistant

    def named(self, name: str) -> Any:
        return self._find(name)

    def by_segment(self, segment: str) -> Any | None:
        return next((factor for factor in self.all() if factor.segment == segment), None)

    def held_by(self, user_id: UUID) -> HeldFactors:
        statement = self._built(
            "factors held",
            lambda: select(*self.columns()).where(USERS.c.id == bindparam("user_id")),
        )
        found = self._session.execute(statement, {"user_id": user_id}).one_or_none()
        if found is None:  # deleted since whoever asks was read
            raise AccountChanged
        return self.held(found)

    def columns(self) -> list[Any]:
        return [
            column
            for factor in self.all()
            for column in (
                factor.enrolled.label(f"{factor.name}_enrolled"),
                factor.usable.label(f"{factor.name}_usable"),
            )
        ]

    def held(self, counts: Sequence[int]) -> HeldFactors:
        factors = self.all()
        return HeldFactors(
            enrolled=tuple(compress(factors, counts[::2])),
            usable=self._accepted(tuple(compress(factors, counts[1::2]))),
        )

    def _accepted(self, usable: tuple[Any, ...]) -> tuple[Any, ...]:
        """Leave out what does not count, but for whoever has nothing that does."""
        if self._registry["settings"].second_factor is not SecondFactorPolicy.WEBAUTHN:
            return usable
        if not any(self.counts(factor.name) for factor in usable):
            return usable
        return tuple(one for one in usable if one.is_supplementary or self.counts(one.name))

    def is_outdone(self, user_id: UUID, name: str) -> bool:
        if self.counts(name) or self._find(name).is_supplementary:
            return False
        return any(self.counts(factor.name) for factor in self.held_by(user_id).usable)

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
                is_offered=self.counts(factor.name),
            )
            for factor in factors
        ]

    def credential(
        self, user_id: UUID, factor: str, credential_id: UUID
    ) -> FactorCredential | None:
        credentials = self._find(factor).credentials.subquery()
        found = self._session.execute(
            select(literal(factor), *credentials.c).where(credentials.c.id == credential_id),
            {"user_id": user_id},
        ).one_or_none()
        return FactorCredential(*found) if found else None

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
