"""Generating recovery codes and redeeming them."""

from typing import Self
from uuid import UUID

from pyramid.request import Request
from sqlalchemy import bindparam, delete, func, insert, select, update
from zope.interface import implementer

from warehouse_mfa.accounts.interfaces import IProbationService, IUserService
from warehouse_mfa.authz import Cause, Identity
from warehouse_mfa.clock import IClock
from warehouse_mfa.crypto import IKeyRing
from warehouse_mfa.db import Session, new_id, table_of
from warehouse_mfa.entropy import IEntropy
from warehouse_mfa.events.interfaces import IEventService
from warehouse_mfa.factors.interfaces import IFactorChangeService, IFactorService, Proof
from warehouse_mfa.i18n import _
from warehouse_mfa.rate_limiting.interfaces import IRateLimiter
from warehouse_mfa.recovery import algorithm
from warehouse_mfa.recovery.interfaces import (
    CodesExist,
    IRecoveryCodeService,
    NoFactorYet,
    RecoveryCodeRedeemed,
    RecoveryCodeRefused,
    RecoveryCodesGenerated,
    RecoveryCodesProved,
    RecoveryState,
    WrongRecoveryCode,
)
from warehouse_mfa.recovery.models import RecoveryCode

PURPOSE = "recovery code"
CODES = table_of(RecoveryCode)
LABEL = _("Recovery code")
STATE = select(
    func.count().filter(CODES.c.redeemed_at.is_(None)),
    func.max(CODES.c.created_at),
    func.max(CODES.c.proved_at),
).where(CODES.c.user_id == bindparam("the_user"))
REDEEM = (
    update(CODES)
    .where(
        CODES.c.user_id == bindparam("the_user"),
        CODES.c.digest.in_(bindparam("digests", expanding=True)),
        CODES.c.redeemed_at.is_(None),
    )
    .values(redeemed_at=bindparam("now"))
    .returning(CODES.c.id)
)
PROVED = (
    update(CODES).where(CODES.c.user_id == bindparam("the_user")).values(proved_at=bindparam("now"))
)


@implementer(IRecoveryCodeService)
class RecoveryCodeService:
    def __init__(
        self,
        session: Session,
        clock: IClock,
        entropy: IEntropy,
        keys: IKeyRing,
        factors: IFactorService,
        changes: IFactorChangeService,
        events: IEventService,
        limiter: IRateLimiter,
        users: IUserService,
        probation: IProbationService,
    ) -> None:
        self._session = session
        self._clock = clock
        self._entropy = entropy
        self._keys = keys
        self._factors = factors
        self._changes = changes
        self._events = events
        self._limiter = limiter
        self._users = users
        self._probation = probation

    @classmethod
    def create(cls, context: object, request: Request) -> Self:
        return cls(
            request.db,
            request.find_service(IClock),
            request.find_service(IEntropy),
            request.find_service(IKeyRing),
            request.find_service(IFactorService),
            request.find_service(IFactorChangeService),
            request.find_service(IEventService),
            request.find_service(IRateLimiter, name="recovery.proof"),
            request.find_service(IUserService),
            request.find_service(IProbationService),
        )

    def state(self, user_id: UUID) -> RecoveryState:
        left, generated_at, proved_at = self._session.execute(STATE, {"the_user": user_id}).one()
        return RecoveryState(left, generated_at, proved_at is not None)

    def generate(self, identity: Identity) -> tuple[str, ...]:
        if self.state(identity.user_id).left:
            raise CodesExist
        return self.regenerate(identity)

    def regenerate(self, identity: Identity) -> tuple[str, ...]:
        if not self._factors.held_by(identity.user_id).enrolled:
            raise NoFactorYet
        # Raising the epoch lets one of two at once through, so that there is one set of codes.
        self._changes.changed(identity)
        self._session.execute(delete(CODES).where(CODES.c.user_id == identity.user_id))
        codes = [self._entropy.token_bytes(algorithm.CODE_BYTES) for _ in range(algorithm.CODES)]
        now = self._clock.now()
        self._session.execute(
            insert(CODES),
            [
                {
                    "id": new_id(),
                    "user_id": identity.user_id,
                    "digest": self._keys.mac(PURPOSE, _message(identity.user_id, code)),
                    "key_id": self._keys.current_id,
                    "created_at": now,
                }
                for code in codes
            ],
        )
        self._events.record(identity.user_id, RecoveryCodesGenerated(len(codes)))
        return tuple(algorithm.format_code(code) for code in codes)

    def prove(self, identity: Identity, code: str) -> None:
        # The account first, as in `redeem`: this goes on to all of its codes.
        self._users.locked_security_epoch(identity.user_id)
        attempt = self._limiter.reserve(str(identity.user_id))
        try:
            self._burn(identity.user_id, code)
        except WrongRecoveryCode:
            self._events.record(identity.user_id, RecoveryCodeRefused())
            raise
        self._limiter.give_back(attempt)
        self._session.execute(PROVED, {"the_user": identity.user_id, "now": self._clock.now()})
        left = self.state(identity.user_id).left
        self._events.record(identity.user_id, RecoveryCodesProved(left))

    def redeem(self, user_id: UUID, code: str) -> Proof:
        # The account before its codes, in the order of who makes new ones: else two wait for each other.
        self._users.locked_security_epoch(user_id)
        code_id = self._burn(user_id, code)
        left = self.state(user_id).left
        self._probation.begin(user_id, Cause.RECOVERY_CODE)
        self._events.record(user_id, RecoveryCodeRedeemed(left), actor_id=user_id)
        return Proof(code_id, LABEL)

    def _burn(self, user_id: UUID, code: str) -> UUID:
        parsed = algorithm.parse_code(code)
        if parsed is None:
            raise WrongRecoveryCode
        burned: UUID | None = self._session.execute(
            REDEEM,
            {
                "the_user": user_id,
                "digests": self._keys.macs(PURPOSE, _message(user_id, parsed)),
                "now": self._clock.now(),
            },
        ).scalar_one_or_none()
        if burned is None:
            raise WrongRecoveryCode
        return burned


def _message(user_id: UUID, code: bytes) -> bytes:
    return user_id.bytes + code
