"""Enrolling authenticator applications and spending their codes."""

from typing import Self
from uuid import UUID

from pyramid.request import Request
from sqlalchemy import bindparam, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from zope.interface import implementer

from warehouse_mfa import logs
from warehouse_mfa.authz import Identity
from warehouse_mfa.clock import IClock
from warehouse_mfa.crypto import CannotOpen, IKeyRing
from warehouse_mfa.db import Session, hits_one, new_id, table_of
from warehouse_mfa.entropy import IEntropy
from warehouse_mfa.events.interfaces import IEventService
from warehouse_mfa.factors.interfaces import FactorNotSetUp, IFactorChangeService, Proof, label_key
from warehouse_mfa.keys.interfaces import NO_KEY
from warehouse_mfa.totp import algorithm
from warehouse_mfa.totp.interfaces import (
    Enrollment,
    ITOTPService,
    LabelTaken,
    SpentCode,
    TooManyApplications,
    TOTPEnrolled,
    WrongCode,
    WrongFirstCode,
)
from warehouse_mfa.totp.models import TOTPApplication
from warehouse_mfa.totp.sealed_secrets import PURPOSE, identity_of_row

log = logs.get(__name__)
MOST_APPLICATIONS = 5
GROUP = 4

APPLICATIONS = table_of(TOTPApplication)
OF_USER = (
    select(APPLICATIONS.c.id, APPLICATIONS.c.label, APPLICATIONS.c.sealed_secret)
    .where(APPLICATIONS.c.user_id == bindparam("user_id"), APPLICATIONS.c.key_id != NO_KEY)
    .order_by(APPLICATIONS.c.id)
)
SPEND_STEP = (
    update(APPLICATIONS)
    .where(APPLICATIONS.c.id == bindparam("the_id"), APPLICATIONS.c.last_step < bindparam("step"))
    .values(last_step=bindparam("step"), last_used_at=bindparam("now"))
)


@implementer(ITOTPService)
class TOTPService:
    def __init__(
        self,
        session: Session,
        clock: IClock,
        entropy: IEntropy,
        keys: IKeyRing,
        events: IEventService,
        factors: IFactorChangeService,
        issuer: str,
    ) -> None:
        self._session = session
        self._clock = clock
        self._entropy = entropy
        self._keys = keys
        self._events = events
        self._factors = factors
        self._issuer = issuer

    @classmethod
    def create(cls, context: object, request: Request) -> Self:
        return cls(
            request.db,
            request.find_service(IClock),
            request.find_service(IEntropy),
            request.find_service(IKeyRing),
            request.find_service(IEventService),
            request.find_service(IFactorChangeService),
            request.registry["settings"].site_name,
        )

    def begin_enrollment(self, username: str, secret: bytes | None = None) -> Enrollment:
        secret = secret or self._entropy.token_bytes(algorithm.SECRET_BYTES)
        text = algorithm.to_base32(secret)
        return Enrollment(
            secret,
            tuple(text[start : start + GROUP] for start in range(0, len(text), GROUP)),
            algorithm.provisioning_uri(secret, account=username, issuer=self._issuer),
        )

    def complete_enrollment(
        self, identity: Identity, secret: bytes, *, label: str, code: str
    ) -> UUID:
        parsed = algorithm.parse_code(code)
        step = algorithm.matching_step(secret, parsed, self._clock.now()) if parsed else None
        if step is None:
            raise WrongFirstCode
        application_id = self._insert(identity.user_id, label, secret, step)
        # Last, because a refusal above must leave the session as it was. Of two enrollments at
        # once the second fails here, so that neither goes beyond the limit.
        self._factors.added(identity, "totp")
        self._events.record(identity.user_id, TOTPEnrolled(label), factor="totp")
        return application_id

    def _insert(self, user_id: UUID, label: str, secret: bytes, step: int) -> UUID:
        number = self._session.scalar(
            select(func.count()).select_from(APPLICATIONS).where(APPLICATIONS.c.user_id == user_id)
        )
        if number is not None and number >= MOST_APPLICATIONS:
            raise TooManyApplications
        application_id = new_id()
        sealed = self._keys.seal(PURPOSE, secret, bound_to=identity_of_row(application_id, user_id))
        try:
            with self._session.begin_nested():
                self._session.execute(
                    insert(APPLICATIONS).values(
                        id=application_id,
                        user_id=user_id,
                        label=label,
                        label_key=label_key(label),
                        sealed_secret=sealed,
                        key_id=self._keys.current_id,
                        last_step=step,
                        created_at=self._clock.now(),
                    )
                )
        except IntegrityError as error:
            raise LabelTaken from error
        return application_id

    def verify(self, user_id: UUID, code: str) -> Proof:
        parsed = algorithm.parse_code(code)
        applications = self._session.execute(OF_USER, {"user_id": user_id}).all()
        if not applications:
            raise FactorNotSetUp
        if parsed is None:
            raise WrongCode
        now, was_right = self._clock.now(), False
        for application in applications:
            secret = self._open(application.sealed_secret, application.id, user_id)
            step = algorithm.matching_step(secret, parsed, now) if secret else None
            if step is None:
                continue
            was_right = True
            spend = {"the_id": application.id, "step": step, "now": now}
            if hits_one(self._session, SPEND_STEP, spend):
                return Proof(application.id, application.label)
        raise SpentCode if was_right else WrongCode

    def _open(self, sealed: bytes, application_id: UUID, user_id: UUID) -> bytes | None:
        bound_to = identity_of_row(application_id, user_id)
        try:
            return self._keys.open(PURPOSE, sealed, bound_to=bound_to)
        except CannotOpen as error:
            # Its key was dropped, or the row was tampered with: this application proves nothing.
            log.error("secret does not open", application=str(application_id), error=str(error))
            return None
