"""Confirmation of acts: asked for, proved with a factor for this one act, done, kept as evidence."""

import base64
import hashlib
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Self
from uuid import UUID

import rfc8785
from pyramid.request import Request
from sqlalchemy import bindparam, insert, select, update
from zope.interface import implementer

from warehouse_mfa.accounts.models import User
from warehouse_mfa.authz import (
    ActRefused,
    Confirmed,
    IAct,
    IActionConfirmation,
    Identity,
    NothingConfirms,
    Performed,
    SessionIsReduced,
)
from warehouse_mfa.clock import IClock
from warehouse_mfa.db import Session, hits_one, new_id, table_of
from warehouse_mfa.entropy import IEntropy
from warehouse_mfa.evidence.interfaces import Evidence, IEvidenceService
from warehouse_mfa.factors.interfaces import IFactorService, Prover
from warehouse_mfa.login.interfaces import (
    ActChanged,
    ActGone,
    AskedAct,
    ConfirmableAct,
    IConfirmationService,
)
from warehouse_mfa.login.models import AskedActRow
from warehouse_mfa.login.services.attempts import FactorChecks
from warehouse_mfa.sessions.interfaces import Device

LIFE = timedelta(minutes=5)
NONCE_BYTES = 16
VERSION = 1

ACTS, USERS = table_of(AskedActRow), table_of(User)
INSERT = insert(ACTS)
ASKED = select(
    ACTS.c.id,
    ACTS.c.family_id,
    ACTS.c.security_epoch,
    ACTS.c.action,
    ACTS.c.target,
    ACTS.c.facts,
    ACTS.c.nonce,
    ACTS.c.asked_at,
    ACTS.c.expires_at,
    ACTS.c.confirmed_at,
).where(ACTS.c.id == bindparam("the_id"), ACTS.c.user_id == bindparam("the_user"))
CONFIRM = (
    update(ACTS)
    .where(
        ACTS.c.id == bindparam("the_id"),
        ACTS.c.confirmed_at.is_(None),
        ACTS.c.expires_at > bindparam("now"),
        ACTS.c.security_epoch
        == select(USERS.c.security_epoch).where(USERS.c.id == ACTS.c.user_id).scalar_subquery(),
    )
    .values(confirmed_at=bindparam("now"))
)


@implementer(IActionConfirmation, IConfirmationService)
class ConfirmationService:
    def __init__(
        self,
        session: Session,
        clock: IClock,
        entropy: IEntropy,
        factors: IFactorService,
        checks: FactorChecks,
        evidence: IEvidenceService,
        act: Callable[[str], IAct],
        *,
        rp_id: str,
        origin: str,
    ) -> None:
        """`act` finds an act by its action."""
        self._session = session
        self._clock = clock
        self._entropy = entropy
        self._factors = factors
        self._checks = checks
        self._evidence = evidence
        self._act = act
        self._rp_id = rp_id
        self._origin = origin

    @classmethod
    def create(cls, context: object, request: Request) -> Self:
        settings = request.registry["settings"]
        return cls(
            request.db,
            request.find_service(IClock),
            request.find_service(IEntropy),
            request.find_service(IFactorService),
            FactorChecks.create(request),
            request.find_service(IEvidenceService),
            lambda action: request.find_service(IAct, context=None, name=action),
            rp_id=settings.relying_party_id,
            origin=settings.origin,
        )

    # Asking

    def obstacle(self, identity: Identity) -> ActRefused | None:
        return _obstacle(identity, self._confirming(identity))

    def ask(self, identity: Identity, action: str, target: str = "") -> UUID:
        obstacle = self.obstacle(identity)
        if obstacle is not None:
            raise obstacle
        nonce, now = self._entropy.token_bytes(NONCE_BYTES), self._clock.now()
        facts = self._facts(identity, action, target, nonce, now)
        if facts is None:
            raise ActGone
        id_ = new_id()
        self._session.execute(
            INSERT,
            {
                "id": id_,
                "user_id": identity.user_id,
                "family_id": identity.family_id,
                "security_epoch": identity.security_epoch,
                "action": action,
                "target": target,
                "facts": facts,
                "nonce": nonce,
                "asked_at": now,
                "expires_at": now + LIFE,
            },
        )
        return id_

    # Confirming

    def asked(self, identity: Identity, act_id: UUID) -> AskedAct | None:
        values = {"the_id": act_id, "the_user": identity.user_id}
        found: Any = self._session.execute(ASKED, values).one_or_none()
        return AskedAct(*found) if found else None

    def confirmable(self, identity: Identity, asked: AskedAct) -> ConfirmableAct:
        is_of_session = (asked.family_id, asked.security_epoch) == (
            identity.family_id,
            identity.security_epoch,
        )
        is_open = asked.confirmed_at is None and self._clock.now() < asked.expires_at
        if not is_of_session or not is_open:
            raise ActGone
        confirming = self._confirming(identity)
        obstacle = _obstacle(identity, confirming)
        if obstacle is not None:
            raise obstacle
        self._refuse_changed(identity, asked)
        about = json.loads(asked.facts)["target"]
        return ConfirmableAct(asked, self._act(asked.action), about, confirming)

    def prover(self, identity: Identity, asked: AskedAct) -> Prover:
        return Prover(
            identity.user_id,
            identity.security_epoch,
            b"act:" + asked.family_id.bytes + asked.id.bytes,
            facts=hashlib.sha256(asked.facts).digest(),
        )

    def complete(
        self,
        identity: Identity,
        confirmable: ConfirmableAct,
        factor: Any,
        answer: str,
        *,
        device: Device | None,
        client: str,
    ) -> Performed:
        asked = confirmable.asked
        proof = self._checks.check(
            self.prover(identity, asked),
            factor,
            answer,
            self._checks.budgets(identity.user_id, factor, device, client),
        )
        if not hits_one(self._session, CONFIRM, {"the_id": asked.id, "now": self._clock.now()}):
            raise ActGone
        # Again, because checking the factor may have begun another transaction.
        self._refuse_changed(identity, asked)
        performed: Performed = confirmable.act.perform(
            identity, asked.target, Confirmed(factor.name, proof.label)
        )
        self._evidence.keep(
            Evidence(
                performed.event_id,
                asked.facts,
                factor.name,
                self._rp_id,
                self._origin,
                proof.signed,
            )
        )
        return performed

    def _confirming(self, identity: Identity) -> tuple[Any, ...]:
        """Return the factors that may confirm: those that sign, where the account has one.

        Never one that only helps when others are lost: their replacement is added first.
        """
        usable = self._factors.held_by(identity.user_id).usable
        strong = tuple(factor for factor in usable if factor.is_phishing_resistant)
        return strong or tuple(factor for factor in usable if not factor.is_supplementary)

    def _refuse_changed(self, identity: Identity, asked: AskedAct) -> None:
        facts = self._facts(identity, asked.action, asked.target, asked.nonce, asked.asked_at)
        if facts != asked.facts:
            raise ActChanged

    def _facts(
        self, identity: Identity, action: str, target: str, nonce: bytes, asked_at: datetime
    ) -> bytes | None:
        """Return the facts of an act as the database says now, canonical. RFC 8785."""
        about = self._act(action).facts(identity, target)
        if about is None:
            return None
        return rfc8785.dumps(
            {
                "version": VERSION,
                "site": self._origin,
                "action": action,
                "target": dict(about),
                "actor": {"id": str(identity.user_id), "username": identity.username},
                "time": asked_at.astimezone(UTC).isoformat(),
                "nonce": base64.urlsafe_b64encode(nonce).rstrip(b"=").decode(),
            }
        )


def _obstacle(identity: Identity, confirming: tuple[Any, ...]) -> ActRefused | None:
    if identity.is_reduced:
        return SessionIsReduced()
    return None if confirming else NothingConfirms()
