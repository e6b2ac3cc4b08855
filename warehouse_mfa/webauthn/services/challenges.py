"""Making challenges and spending them."""

from datetime import timedelta
from typing import Self

from pyramid.request import Request
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from zope.interface import implementer

from warehouse_mfa.clock import IClock
from warehouse_mfa.crypto import IKeyRing
from warehouse_mfa.db import IUnitOfWork, table_of
from warehouse_mfa.entropy import IEntropy
from warehouse_mfa.webauthn import challenge as challenges
from warehouse_mfa.webauthn.challenge import NO_FACTS, Audience, ChallengeInvalid
from warehouse_mfa.webauthn.interfaces import IChallengeService
from warehouse_mfa.webauthn.models import SpentChallenge

LIFE = timedelta(minutes=5)
PURPOSE = "webauthn challenge"
SPEND = insert(table_of(SpentChallenge))


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
        try:
            with self._session.begin_nested():
                self._session.execute(
                    SPEND, {"nonce": opened.nonce, "expires_at": opened.expires_at}
                )
        except IntegrityError as error:
            raise ChallengeInvalid("it was used before") from error
        # Spent is spent, whatever becomes of the answer.
        self._work.commit()
