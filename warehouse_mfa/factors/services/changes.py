"""What it means that the factors of an account change."""

from typing import Any, Self
from uuid import UUID

from pyramid.request import Request
from sqlalchemy import ColumnElement, Table, delete, update
from sqlalchemy.exc import IntegrityError
from zope.interface import implementer

from warehouse_mfa.accounts.interfaces import (
    AccountChanged,
    IAccountChangeService,
    IProbationService,
)
from warehouse_mfa.authz import Cause, Confirmed, Identity, IFactorPolicy
from warehouse_mfa.db import Session, hits_one
from warehouse_mfa.events.interfaces import IEventService
from warehouse_mfa.factors.interfaces import (
    ConfirmationOwed,
    FactorCredential,
    FactorRemoved,
    FactorRenamed,
    IFactorChangeService,
    IFactorService,
    LabelInUse,
    LastFactor,
    label_key,
)
from warehouse_mfa.settings import SecondFactorPolicy


@implementer(IFactorChangeService)
class FactorChangeService:
    def __init__(
        self,
        session: Session,
        factors: IFactorService,
        policy: IFactorPolicy,
        account: IAccountChangeService,
        probation: IProbationService,
        events: IEventService,
        *,
        is_optional: bool,
    ) -> None:
        """`is_optional` says whether an account may be without a second factor."""
        self._session = session
        self._factors = factors
        self._policy = policy
        self._account = account
        self._probation = probation
        self._events = events
        self._is_optional = is_optional

    @classmethod
    def create(cls, context: object, request: Request) -> Self:
        policy = request.registry["settings"].second_factor
        return cls(
            request.db,
            request.find_service(IFactorService),
            request.find_service(IFactorPolicy),
            request.find_service(IAccountChangeService),
            request.find_service(IProbationService),
            request.find_service(IEventService),
            is_optional=policy is SecondFactorPolicy.OPTIONAL,
        )

    def added(self, identity: Identity, factor: str) -> None:
        # Proved by the weaker of two, the session is as reduced as such a login would be; and adding
        # a strong one does not lift it, which takes a step-up or a login with it.
        is_weaker = self._factors.held_by(identity.user_id).is_reduced_by(
            self._factors.named(factor)
        )
        self._account.changed(identity, factor=factor, is_reduced=identity.is_reduced or is_weaker)
        if identity.is_reduced:
            self._probation.begin(identity.user_id, Cause.FACTOR_ADDED)

    def changed(self, identity: Identity) -> None:
        self._account.changed(identity)

    def remove(self, identity: Identity, credential: FactorCredential) -> None:
        with self._session.begin_nested():
            left = self._take(identity, credential)
            if self._resists(credential) and not any(one.is_phishing_resistant for one in left):
                raise ConfirmationOwed
        self._removed(identity, credential)

    def remove_confirmed(
        self, identity: Identity, credential: FactorCredential, confirmed: Confirmed
    ) -> UUID:
        with self._session.begin_nested():
            self._take(identity, credential)
        return self._removed(identity, credential, factor=confirmed.factor)

    def _take(self, identity: Identity, credential: FactorCredential) -> tuple[Any, ...]:
        """Take a credential away; return the factors that may log in then."""
        table = self._factors.named(credential.factor).table
        if not hits_one(self._session, delete(table).where(*_owned(table, identity, credential))):
            raise AccountChanged
        left: tuple[Any, ...] = self._factors.held_by(identity.user_id).usable
        if not self._is_optional and not any(self._is_enough(factor) for factor in left):
            raise LastFactor
        return left

    def _removed(
        self, identity: Identity, credential: FactorCredential, factor: str | None = None
    ) -> UUID:
        # Of two removals at once, each of which saw the other's factor, the second fails here.
        self.changed(identity)
        if identity.is_reduced:
            self._probation.begin(identity.user_id, Cause.FACTOR_REMOVED)
        recorded = self._events.record(
            identity.user_id,
            FactorRemoved(credential.factor, credential.label, identity.is_reduced),
            factor=factor,
        )
        return recorded.id

    def _resists(self, credential: FactorCredential) -> bool:
        is_resistant: bool = self._factors.named(credential.factor).is_phishing_resistant
        return is_resistant and not credential.is_suspended

    def _is_enough(self, factor: Any) -> bool:
        """Tell whether an account may be left with this factor alone."""
        return not factor.is_supplementary and self._policy.counts(factor.name)

    def rename(self, identity: Identity, credential: FactorCredential, label: str) -> None:
        if label == credential.label:
            return
        table = self._factors.named(credential.factor).table
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
        usable = {factor.name for factor in self._factors.held_by(user_id).usable}
        missing = (
            one for one in self._factors.all() if one.is_supplementary and one.name not in usable
        )
        return next((factor.add_route for factor in missing), "factors.manage")


def _owned(
    table: Table, identity: Identity, credential: FactorCredential
) -> list[ColumnElement[bool]]:
    return [table.c.id == credential.id, table.c.user_id == identity.user_id]
