"""Keeping evidence."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any, Self
from uuid import UUID

from pyramid.request import Request
from sqlalchemy import bindparam, insert, select
from zope.interface import implementer

from warehouse_mfa.db import Session, table_of
from warehouse_mfa.evidence.interfaces import Evidence, IEvidenceService, Signed
from warehouse_mfa.evidence.models import EvidenceRow

EVIDENCE = table_of(EvidenceRow)
INSERT = insert(EVIDENCE)
ALL = select(
    EVIDENCE.c.event_id,
    EVIDENCE.c.facts,
    EVIDENCE.c.factor,
    EVIDENCE.c.rp_id,
    EVIDENCE.c.origin,
    EVIDENCE.c.credential_id,
    EVIDENCE.c.public_key,
    EVIDENCE.c.client_data,
    EVIDENCE.c.authenticator_data,
    EVIDENCE.c.signature,
).order_by(EVIDENCE.c.event_id)
OF_EVENT = ALL.where(EVIDENCE.c.event_id == bindparam("the_event"))


@implementer(IEvidenceService)
class EvidenceService:
    def __init__(self, session: Session) -> None:
        self._session = session

    @classmethod
    def create(cls, context: object, request: Request) -> Self:
        return cls(request.db)

    def keep(self, evidence: Evidence) -> None:
        values = asdict(evidence)
        signed = values.pop("signed") or {}
        self._session.execute(INSERT, {**values, **signed})

    def of(self, event_id: UUID) -> Evidence | None:
        found = self._session.execute(OF_EVENT, {"the_event": event_id}).one_or_none()
        return _evidence(found) if found else None

    def all(self) -> Iterator[Evidence]:
        return (_evidence(row) for row in self._session.execute(ALL))


def _evidence(row: Any) -> Evidence:
    event_id, facts, factor, rp_id, origin, *parts = row
    signed = None if parts[-1] is None else Signed(*parts)
    return Evidence(event_id, facts, factor, rp_id, origin, signed)
