"""Registering security keys and checking their assertions."""

import base64
from typing import Any, Self
from uuid import UUID

from pyramid.request import Request
from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from zope.interface import implementer

from warehouse_mfa import logs
from warehouse_mfa.accounts.interfaces import AccountChanged, IUserService
from warehouse_mfa.accounts.models import User
from warehouse_mfa.authz import Identity
from warehouse_mfa.clock import IClock
from warehouse_mfa.db import hits_one, new_id, table_of
from warehouse_mfa.events.interfaces import IEventService
from warehouse_mfa.factors.interfaces import (
    FactorNotSetUp,
    IFactorChangeService,
    Proof,
    Prover,
    label_key,
)
from warehouse_mfa.http.body import parse_object
from warehouse_mfa.webauthn import ceremony
from warehouse_mfa.webauthn.ceremony import (
    CeremonyRefused,
    CounterDidNotRise,
    KnownCredential,
    NewCredential,
    RelyingParty,
    StoredCredential,
    UserAccount,
)
from warehouse_mfa.webauthn.challenge import Audience, ChallengeInvalid, Purpose
from warehouse_mfa.webauthn.interfaces import (
    AlreadyRegistered,
    AssertionRejected,
    IChallengeService,
    IWebAuthnService,
    KeyLabelTaken,
    KeyRegistered,
    PossibleClone,
    PossibleCloneSeen,
    RegistrationRefused,
    TooManyKeys,
)
from warehouse_mfa.webauthn.models import WebAuthnCredential

log = logs.get(__name__)
MOST_KEYS = 20

CREDENTIALS = table_of(WebAuthnCredential)
KNOWN = (
    select(CREDENTIALS.c.credential_id, CREDENTIALS.c.transports)
    .where(CREDENTIALS.c.user_id == bindparam("user_id"))
    .order_by(CREDENTIALS.c.id)
)
ACTIVE = KNOWN.where(CREDENTIALS.c.suspended_at.is_(None))
ANSWERING = (
    select(
        CREDENTIALS.c.id,
        CREDENTIALS.c.label,
        CREDENTIALS.c.credential_id,
        CREDENTIALS.c.public_key,
        CREDENTIALS.c.sign_count,
        CREDENTIALS.c.is_backup_eligible,
        CREDENTIALS.c.suspended_at,
        table_of(User).c.user_handle,
    )
    .join(table_of(User), table_of(User).c.id == CREDENTIALS.c.user_id)
    .where(
        CREDENTIALS.c.user_id == bindparam("user_id"),
        CREDENTIALS.c.credential_id == bindparam("credential_id"),
    )
)
USE = (
    update(CREDENTIALS)
    .where(
        CREDENTIALS.c.id == bindparam("the_id"),
        CREDENTIALS.c.suspended_at.is_(None),
        # A key without a counter always says 0. Of two assertions at once, one raises it.
        (CREDENTIALS.c.sign_count < bindparam("count"))
        | ((CREDENTIALS.c.sign_count == 0) & (bindparam("count") == 0)),
    )
    .values(
        sign_count=bindparam("count"),
        is_backed_up=bindparam("backed_up"),
        last_used_at=bindparam("now"),
    )
)
SUSPEND = (
    update(CREDENTIALS)
    .where(CREDENTIALS.c.id == bindparam("the_id"), CREDENTIALS.c.suspended_at.is_(None))
    .values(suspended_at=bindparam("now"))
)


@implementer(IWebAuthnService)
class WebAuthnService:
    def __init__(
        self,
        session: Session,
        clock: IClock,
        challenges: IChallengeService,
        users: IUserService,
        factors: IFactorChangeService,
        events: IEventService,
        party: RelyingParty,
    ) -> None:
        self._session = session
        self._clock = clock
        self._challenges = challenges
        self._users = users
        self._factors = factors
        self._events = events
        self._party = party

    @classmethod
    def create(cls, context: object, request: Request) -> Self:
        settings = request.registry["settings"]
        return cls(
            request.db,
            request.find_service(IClock),
            request.find_service(IChallengeService),
            request.find_service(IUserService),
            request.find_service(IFactorChangeService),
            request.find_service(IEventService),
            RelyingParty(settings.relying_party_id, settings.site_name, settings.origin),
        )

    def begin_registration(self, identity: Identity) -> dict[str, Any]:
        account = self._users.account(identity.user_id)
        if account is None:
            raise AccountChanged
        return ceremony.registration_options(
            self._party,
            UserAccount(account.user_handle, account.username, account.name or account.username),
            self._challenges.make(_registering(identity)),
            self._known(KNOWN, identity.user_id),
        )

    def complete_registration(self, identity: Identity, answer: str, *, label: str) -> UUID:
        credential = parse_object(answer)
        try:
            challenge = ceremony.challenge_of(credential)
            self._challenges.spend(_registering(identity), challenge)
            new = ceremony.verify_registration(self._party, credential, challenge)
        except (CeremonyRefused, ChallengeInvalid) as error:
            log.info("registration refused", user=str(identity.user_id), error=str(error))
            raise RegistrationRefused from error
        credential_id = self._insert(identity.user_id, new, label)
        # Last, because a refusal above must leave the session as it was.
        self._factors.added(identity, "webauthn")
        self._events.record(
            identity.user_id,
            KeyRegistered(
                label=label,
                credential_id=_base64url(new.id),
                public_key=_base64url(new.public_key),
                aaguid=str(new.aaguid),
            ),
            factor="webauthn",
        )
        return credential_id

    def _insert(self, user_id: UUID, new: NewCredential, label: str) -> UUID:
        taken = select(CREDENTIALS.c.label_key).where(CREDENTIALS.c.user_id == user_id)
        taken_keys = set(self._session.scalars(taken))
        if len(taken_keys) >= MOST_KEYS:
            raise TooManyKeys
        if label_key(label) in taken_keys:
            raise KeyLabelTaken
        row_id = new_id()
        try:
            with self._session.begin_nested():
                self._session.execute(
                    insert(CREDENTIALS).values(
                        id=row_id,
                        user_id=user_id,
                        label=label,
                        label_key=label_key(label),
                        credential_id=new.id,
                        public_key=new.public_key,
                        sign_count=new.sign_count,
                        transports=",".join(new.transports),
                        aaguid=new.aaguid,
                        is_backup_eligible=new.is_backup_eligible,
                        is_backed_up=new.is_backed_up,
                        is_user_verified=new.is_user_verified,
                        created_at=self._clock.now(),
                    )
                )
        except IntegrityError as error:
            raise AlreadyRegistered from error
        return row_id

    def begin_authentication(self, prover: Prover) -> dict[str, Any]:
        allowed = self._known(ACTIVE, prover.user_id)
        if not allowed:
            raise FactorNotSetUp
        challenge = self._challenges.make(_logging_in(prover))
        return ceremony.authentication_options(self._party, challenge, allowed)

    def complete_authentication(self, prover: Prover, answer: str) -> Proof:
        credential = parse_object(answer)
        try:
            challenge = ceremony.challenge_of(credential)
            self._challenges.spend(_logging_in(prover), challenge)
            row = self._answering(prover.user_id, ceremony.credential_id_of(credential))
            stored = StoredCredential(
                row.credential_id,
                row.public_key,
                row.sign_count,
                row.is_backup_eligible,
                row.user_handle,
            )
            assertion = ceremony.verify_authentication(self._party, credential, challenge, stored)
        except CounterDidNotRise as error:
            self._suspend(prover.user_id, row, str(error))
            raise PossibleClone from error
        except (CeremonyRefused, ChallengeInvalid) as error:
            raise AssertionRejected(str(error)[:200]) from error
        use = {
            "the_id": row.id,
            "count": assertion.sign_count,
            "backed_up": assertion.is_backed_up,
            "now": self._clock.now(),
        }
        if not hits_one(self._session, USE, use):
            raise AssertionRejected("its counter rose meanwhile")
        return Proof(row.id, row.label, assertion.is_user_verified)

    def _answering(self, user_id: UUID, credential_id: bytes) -> Any:
        """Find the credential by its id within the account. L3 §7.2, credential record."""
        row = self._session.execute(
            ANSWERING, {"user_id": user_id, "credential_id": credential_id}
        ).one_or_none()
        if row is None:
            raise CeremonyRefused("no such credential in this account")
        if row.suspended_at is not None:
            raise CeremonyRefused("the credential is suspended")
        return row

    def _suspend(self, user_id: UUID, row: Any, counts: str) -> None:
        if hits_one(self._session, SUSPEND, {"the_id": row.id, "now": self._clock.now()}):
            self._events.record(user_id, PossibleCloneSeen(row.label, row.sign_count, counts))

    def _known(self, statement: Any, user_id: UUID) -> list[KnownCredential]:
        rows = self._session.execute(statement, {"user_id": user_id})
        return [
            KnownCredential(credential_id, tuple(filter(None, transports.split(","))))
            for credential_id, transports in rows
        ]


def _registering(identity: Identity) -> Audience:
    family = identity.family_id.bytes if identity.family_id else b""
    return Audience(Purpose.REGISTER, identity.user_id, identity.security_epoch, family)


def _logging_in(prover: Prover) -> Audience:
    return Audience(Purpose.LOGIN, prover.user_id, prover.security_epoch, prover.occasion)


def _base64url(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()
