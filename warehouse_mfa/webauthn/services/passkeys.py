"""Logging in with a passkey: a discoverable credential that verifies its user."""

from typing import Any, Self

from pyramid.request import Request
from zope.interface import implementer

from warehouse_mfa.clock import IClock
from warehouse_mfa.db import Session
from warehouse_mfa.events.interfaces import IEventService
from warehouse_mfa.factors.interfaces import Proof
from warehouse_mfa.http.body import parse_object
from warehouse_mfa.webauthn import ceremony
from warehouse_mfa.webauthn.ceremony import CeremonyRefused, RelyingParty
from warehouse_mfa.webauthn.challenge import NOBODY, Audience, ChallengeInvalid, Purpose
from warehouse_mfa.webauthn.interfaces import (
    IChallengeService,
    IPasskeyService,
    PasskeyClaim,
    PasskeyRejected,
    PasskeyUnknown,
)
from warehouse_mfa.webauthn.services.assertions import ANSWERING, Assertions
from warehouse_mfa.webauthn.services.party import relying_party


@implementer(IPasskeyService)
class PasskeyService:
    factor = "webauthn"

    def __init__(
        self,
        session: Session,
        challenges: IChallengeService,
        assertions: Assertions,
        party: RelyingParty,
    ) -> None:
        self._session = session
        self._challenges = challenges
        self._assertions = assertions
        self._party = party

    @classmethod
    def create(cls, context: object, request: Request) -> Self:
        clock, events = request.find_service(IClock), request.find_service(IEventService)
        return cls(
            request.db,
            request.find_service(IChallengeService),
            Assertions(request.db, clock, events),
            relying_party(request),
        )

    def begin_login(self, occasion: bytes) -> dict[str, Any]:
        return ceremony.passkey_options(self._party, self._challenges.make(_logging_in(occasion)))

    def read(self, answer: str) -> PasskeyClaim:
        credential = parse_object(answer)
        try:
            credential_id = ceremony.credential_id_of(credential)
        except CeremonyRefused:
            # There is an answer to refuse, which counts.
            return PasskeyClaim(None, credential, None)
        record = self._session.execute(ANSWERING, {"credential_id": credential_id}).one_or_none()
        return PasskeyClaim(record.user_id if record else None, credential, record)

    def complete_login(self, occasion: bytes, claim: PasskeyClaim) -> Proof:
        try:
            challenge = ceremony.challenge_of(claim.credential)
            self._challenges.spend(_logging_in(occasion), challenge)
            if claim.record is None:
                ceremony.credential_id_of(claim.credential)
                raise PasskeyUnknown
            _check_kind(claim.record)
            return self._assertions.prove(
                claim.record,
                lambda stored: ceremony.verify_passkey(
                    self._party, claim.credential, challenge, stored
                ),
            )
        except (CeremonyRefused, ChallengeInvalid) as error:
            raise PasskeyRejected(str(error)[:200]) from error


def _check_kind(record: Any) -> None:
    # A key that was added as a second factor does not become a first one because it happens to be
    # discoverable: its owner has not asked for that.
    if not record.is_passkey:
        raise CeremonyRefused("it is a security key")
    if record.suspended_at is not None:
        raise CeremonyRefused("the passkey is suspended")


def _logging_in(occasion: bytes) -> Audience:
    return Audience(Purpose.PASSKEY_LOGIN, NOBODY, 0, occasion)
