"""Checking the evidence of the database: each by itself, then against the trail."""

import base64
import json
from collections.abc import Iterator
from typing import Any, Self
from uuid import UUID

from pyramid.request import Request
from sqlalchemy import bindparam, select
from zope.interface import implementer

from warehouse_mfa.audit.interfaces import IEvidenceAudit, Verdict
from warehouse_mfa.db import Session, table_of
from warehouse_mfa.events.models import EventRow
from warehouse_mfa.evidence.interfaces import Evidence, IEvidenceService, Signed
from warehouse_mfa.i18n import _
from warehouse_mfa.webauthn.evidence import failures
from warehouse_mfa.webauthn.interfaces import KeyRegistered, PasskeyRegistered

EVENTS = table_of(EventRow)
ACTOR = select(EVENTS.c.actor_id).where(EVENTS.c.id == bindparam("the_event"))
REGISTERED = select(EVENTS.c.facts).where(
    EVENTS.c.subject_id == bindparam("the_actor"),
    EVENTS.c.tag.in_((KeyRegistered.tag, PasskeyRegistered.tag)),
)
ANOTHER_ACTOR = _("The event says that somebody else did it.")
UNKNOWN_KEY = _("No key that whoever did it registered has this public key.")


@implementer(IEvidenceAudit)
class EvidenceAudit:
    def __init__(self, session: Session, evidence: IEvidenceService) -> None:
        self._session = session
        self._evidence = evidence

    @classmethod
    def create(cls, context: object, request: Request) -> Self:
        return cls(request.db, request.find_service(IEvidenceService))

    def of(self, event_id: UUID) -> Evidence | None:
        found: Evidence | None = self._evidence.of(event_id)
        return found

    def verdicts(self) -> Iterator[Verdict]:
        for evidence in list(self._evidence.all()):
            wrong = failures(evidence)
            # What is no fact names nobody to look for.
            wrong += [] if wrong else self._contradictions(evidence)
            yield Verdict(evidence, tuple(wrong))

    def _contradictions(self, evidence: Evidence) -> list[Any]:
        actor_id = self._session.execute(ACTOR, {"the_event": evidence.event_id}).scalar_one()
        if json.loads(evidence.facts)["actor"]["id"] != str(actor_id):
            return [ANOTHER_ACTOR]
        if evidence.signed is None or self._is_registered(actor_id, evidence.signed):
            return []
        return [UNKNOWN_KEY]

    def _is_registered(self, actor_id: UUID, signed: Signed) -> bool:
        expected = (_base64url(signed.credential_id), _base64url(signed.public_key))
        registered = self._session.execute(REGISTERED, {"the_actor": actor_id}).scalars()
        return any((one["credential_id"], one["public_key"]) == expected for one in registered)


def _base64url(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()
