"""Making challenges and spending them."""

from datetime import timedelta
from typing import Self

from pyramid.request import Request
from sqlalchemy import bindparam, text
from zope.interface import implementer

from warehouse_mfa.clock import IClock
from warehouse_mfa.crypto import IKeyRing
from warehouse_mfa.db import IUnitOfWork, Session, UTCDateTime, hits_one
from warehouse_mfa.entropy import IEntropy
from warehouse_mfa.webauthn import challenge as challenges
from warehouse_mfa.webauthn.challenge import NO_FACTS, Audience, ChallengeInvalid
from warehouse_mfa.webauthn.interfaces import IChallengeService

LIFE = timedelta(minutes=5)
PURPOSE = "webauthn challenge"
# SQLite and PostgreSQL read the same text.
SPEND = text(
    "INSERT INTO spent_challenges (nonce, expires_at) VALUES (:nonce, :expires_at)"
    " ON CONFLICT (nonce) DO NOTHING"
).bindparams(bindparam("expires_at", type_=UTCDateTime()))


@implementer(IChallengeService)
class ChallengeService:
    def __init__(
        self,
        session: Session,
        work: IUnitOfWork,
        clock: IClock,
        entropy: IEntropy,
        keys: IKeyRing,
    ) -> None:
        self._session = session
        self._work = work
        self._clock = clock
        self._entropy = entropy
        self._keys = keys

    @classmethod
    def create(cls, context: object, request: Request) -> Self:
        return cls(
            request.db,
            request.find_service(IUnitOfWork),
            request.find_service(IClock),
            request.find_service(IEntropy),
            request.find_service(IKeyRing),
        )

    def make(self, audience: Audience, facts: bytes = NO_FACTS) -> bytes:
        return challenges.make(
            lambda message: self._keys.mac(PURPOSE, message),
            audience,
            nonce=self._entropy.token_bytes(challenges.NONCE_BYTES),
            expires_at=self._clock.now() + LIFE,
            facts=facts,
        )

    def spend(self, audience: Audience, challenge: bytes, facts: bytes = NO_FACTS) -> None:
        opened = challenges.read(
            lambda message, mac: self._keys.is_mac(PURPOSE, message, mac),
            audience,
            challenge,
            self._clock.now(),
        )
        if opened.facts != facts:
            raise ChallengeInvalid("it confirms other facts")
        spent = {"nonce": opened.nonce, "expires_at": opened.expires_at}
        if not hits_one(self._session, SPEND, spent):
            raise ChallengeInvalid("it was used before")
        # Spent is spent, whatever becomes of the answer.
        self._work.commit()
