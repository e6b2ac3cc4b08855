"""Which factors there are, and what a change of them means."""

from collections.abc import Callable, Sequence
from functools import cached_property
from itertools import compress
from typing import Any, Self
from uuid import UUID

from pyramid.registry import Registry
from pyramid.request import Request
from sqlalchemy import (
    ColumnElement,
    Select,
    Table,
    bindparam,
    delete,
    literal,
    select,
    union_all,
    update,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from zope.interface import implementer

from warehouse_mfa.accounts.interfaces import AccountChanged, IUserService
from warehouse_mfa.accounts.models import User
from warehouse_mfa.authz import Identity, IFactorPolicy
from warehouse_mfa.db import hits_one, table_of
from warehouse_mfa.events.interfaces import IEventService
from warehouse_mfa.factors.interfaces import (
    FactorCredential,
    FactorRemoved,
    FactorRenamed,
    FactorStatus,
    HeldFactors,
    IFactor,
    IFactorService,
    LabelInUse,
    LastFactor,
    label_key,
)
from warehouse_mfa.sessions.interfaces import ISessionCookies, ISessionService, SessionEnded
from warehouse_mfa.settings import SecondFactorPolicy

USERS = table_of(User)


@implementer(IFactorService, IFactorPolicy)
class FactorService:
    def __init__(
        self,
        session: Session,
        registry: Registry,
        find: Callable[[str], Any],
        users: IUserService,
        sessions: ISessionService,
        cookies: ISessionCookies,
        events: IEventService,
    ) -> None:
        self._session = session
        self._registry = registry
        self._find = find
        self._users = users
        self._sessions = sessions
        self._cookies = cookies
        self._events = events

    @classmethod
    def create(cls, context: object, request: Request) -> Self:
        return cls(
            request.db,
            request.registry,
            lambda name: request.find_service(IFactor, name=name),
            request.find_service(IUserService),
            request.find_service(ISessionService),
            request.find_service(ISessionCookies),
            request.find_service(IEventService),
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

    def by_segment(self, segment: str) -> Any | None:
        return next((factor for factor in self.all() if factor.segment == segment), None)

    def held_by(self, user_id: UUID) -> HeldFactors:
        statement = self._built(
            "factors held",
            lambda: select(*self.columns()).where(USERS.c.id == bindparam("user_id")),
        )
        return self.held(self._session.execute(statement, {"user_id": user_id}).one())

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
            usable=tuple(compress(factors, counts[1::2])),
        )

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

    def added(self, identity: Identity, factor: str) -> None:
        # Proved by the weaker of two, the session is as reduced as such a login would be; and adding
        # a strong one does not lift it, which takes a step-up or a login with it.
        is_weaker = self.held_by(identity.user_id).is_reduced_by(self._find(factor))
        self._renew(identity, factor, is_reduced=identity.is_reduced or is_weaker)

    def changed(self, identity: Identity) -> None:
        self._renew(identity, None)

    def remove(self, identity: Identity, credential: FactorCredential) -> None:
        is_optional = self._registry["settings"].second_factor is SecondFactorPolicy.OPTIONAL
        with self._session.begin_nested():
            table = self._find(credential.factor).table
            if not hits_one(
                self._session, delete(table).where(*_owned(table, identity, credential))
            ):
                raise AccountChanged
            left = self.held_by(identity.user_id).usable
            if not is_optional and not any(self._is_enough(factor) for factor in left):
                raise LastFactor
        # Of two removals at once, each of which saw the other's factor, the second fails here.
        self.changed(identity)
        self._events.record(
            identity.user_id,
            FactorRemoved(credential.factor, credential.label, identity.is_reduced),
        )

    def _is_enough(self, factor: Any) -> bool:
        """Tell whether an account may be left with this factor alone."""
        return not factor.is_supplementary and self.counts(factor.name)

    def rename(self, identity: Identity, credential: FactorCredential, label: str) -> None:
        if label == credential.label:
            return
        table = self._find(credential.factor).table
        statement = (
            update(table)
            .where(*_owned(table, identity, credential))
            .values(label=label, label_key=label_key(label))
        )
        try:
            with self._session.begin_nested():
                if not hits_one(self._session, statement):
                    raise AccountChanged
        except IntegrityError as error:
            raise LabelInUse from error
        self._events.record(
            identity.user_id, FactorRenamed(credential.factor, label, credential.label)
        )

    def route_after_adding(self, user_id: UUID) -> str:
        usable = {factor.name for factor in self.held_by(user_id).usable}
        missing = (one for one in self.all() if one.is_supplementary and one.name not in usable)
        return next((factor.add_route for factor in missing), "factors.manage")

    def _renew(self, identity: Identity, factor: str | None, *, is_reduced: bool = False) -> None:
        epoch = self._users.raise_security_epoch(identity.user_id, identity.security_epoch)
        if identity.session_id is None:
            raise AccountChanged
        try:
            renewed = self._sessions.renew(
                identity.session_id, epoch, factor=factor, is_reduced=is_reduced
            )
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


def _owned(
    table: Table, identity: Identity, credential: FactorCredential
) -> list[ColumnElement[bool]]:
    return [table.c.id == credential.id, table.c.user_id == identity.user_id]
