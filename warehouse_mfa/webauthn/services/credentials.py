"""Registering security keys and checking their assertions."""

import base64
from dataclasses import replace
from typing import Any, Self
from uuid import UUID

from pyramid.request import Request
from sqlalchemy import bindparam, insert, select
from sqlalchemy.exc import IntegrityError
from zope.interface import implementer

from warehouse_mfa import logs
from warehouse_mfa.accounts.interfaces import AccountChanged, IUserService
from warehouse_mfa.authz import Identity
from warehouse_mfa.clock import IClock
from warehouse_mfa.db import Session, new_id, table_of
from warehouse_mfa.events.interfaces import IEventService
from warehouse_mfa.evidence.interfaces import Signed
from warehouse_mfa.factors.interfaces import (
    FactorNotSetUp,
    IFactorChangeService,
    Proof,
    Prover,
    label_key,
)
from warehouse_mfa.http.body import parse_object
from warehouse_mfa.webauthn import ceremony
from warehouse_mfa.webauthn.authenticators import free_label, name_of
from warehouse_mfa.webauthn.ceremony import (
    CeremonyRefused,
    KnownCredential,
    NewCredential,
    NotDiscoverable,
    RelyingParty,
    UserAccount,
)
from warehouse_mfa.webauthn.challenge import NO_FACTS, Audience, ChallengeInvalid, Purpose
from warehouse_mfa.webauthn.interfaces import (
    AlreadyRegistered,
    AssertionRejected,
    IChallengeService,
    IWebAuthnService,
    KeyLabelTaken,
    KeyRegistered,
    Kind,
    NoPasskeyMade,
    PasskeyRegistered,
    RegistrationRefused,
    TooManyKeys,
)
from warehouse_mfa.webauthn.models import WebAuthnCredential
from warehouse_mfa.webauthn.services.assertions import ANSWERING, Assertions
from warehouse_mfa.webauthn.services.party import relying_party

log = logs.get(__name__)
MOST_KEYS = 20
SELECTIONS = {Kind.KEY: ceremony.SECURITY_KEY, Kind.PASSKEY: ceremony.PASSKEY}
PURPOSES = {Kind.KEY: Purpose.REGISTER, Kind.PASSKEY: Purpose.REGISTER_PASSKEY}
EVENTS = {Kind.KEY: KeyRegistered, Kind.PASSKEY: PasskeyRegistered}

CREDENTIALS = table_of(WebAuthnCredential)
KNOWN = (
    select(CREDENTIALS.c.credential_id, CREDENTIALS.c.transports)
    .where(CREDENTIALS.c.user_id == bindparam("user_id"))
    .order_by(CREDENTIALS.c.id)
)
ACTIVE = KNOWN.where(CREDENTIALS.c.suspended_at.is_(None))
OWN_ANSWERING = ANSWERING.where(CREDENTIALS.c.user_id == bindparam("user_id"))


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
        assertions: Assertions,
        party: RelyingParty,
    ) -> None:
        self._session = session
        self._clock = clock
        self._challenges = challenges
        self._users = users
        self._factors = factors
        self._events = events
        self._assertions = assertions
        self._party = party

    @classmethod
    def create(cls, context: object, request: Request) -> Self:
        clock, events = request.find_service(IClock), request.find_service(IEventService)
        return cls(
            request.db,
            clock,
            request.find_service(IChallengeService),
            request.find_service(IUserService),
            request.find_service(IFactorChangeService),
            events,
            Assertions(request.db, clock, events),
            relying_party(request),
        )

    def begin_registration(self, identity: Identity, kind: Kind) -> dict[str, Any]:
        return ceremony.registration_options(
            self._party,
            self._user(identity),
            self._challenges.make(_registering(identity, kind)),
            self._known(KNOWN, identity.user_id),
            SELECTIONS[kind],
        )

    def complete_registration(
        self, identity: Identity, kind: Kind, answer: str, *, label: str, otherwise: str = ""
    ) -> UUID:
        credential = parse_object(answer)
        try:
            challenge = ceremony.challenge_of(credential)
            self._challenges.spend(_registering(identity, kind), challenge)
            new = ceremony.verify_registration(self._party, credential, challenge, SELECTIONS[kind])
        except NotDiscoverable as error:
            raise NoPasskeyMade from error
        except (CeremonyRefused, ChallengeInvalid) as error:
            log.info("registration refused", user=str(identity.user_id), error=str(error))
            raise RegistrationRefused from error
        taken = self._labels(identity.user_id)
        label = label or free_label(name_of(new.aaguid) or otherwise, taken)
        credential_id = self._insert(identity.user_id, kind, new, label, taken)
        # Last, because a refusal above must leave the session as it was.
        self._factors.added(identity, "webauthn")
        self._events.record(
            identity.user_id,
            EVENTS[kind](
                label=label,
                credential_id=_base64url(new.id),
                public_key=_base64url(new.public_key),
                aaguid=str(new.aaguid),
            ),
            factor="webauthn",
        )
        return credential_id

    def _labels(self, user_id: UUID) -> set[str]:
        taken = select(CREDENTIALS.c.label_key).where(CREDENTIALS.c.user_id == user_id)
        return set(self._session.scalars(taken))

    def _insert(
        self, user_id: UUID, kind: Kind, new: NewCredential, label: str, taken: set[str]
    ) -> UUID:
        if len(taken) >= MOST_KEYS:
            raise TooManyKeys
        if label_key(label) in taken:
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
                        is_passkey=kind is Kind.PASSKEY,
                        created_at=self._clock.now(),
                    )
                )
        except IntegrityError as error:
            raise AlreadyRegistered from error
        return row_id

    def accepted(self, identity: Identity) -> dict[str, Any]:
        user = self._user(identity)
        known = self._known(KNOWN, identity.user_id)
        return {
            "rpId": self._party.id,
            "userId": _base64url(user.handle),
            "name": user.name,
            "displayName": user.display_name,
            "allAcceptedCredentialIds": [_base64url(credential.id) for credential in known],
        }

    def begin_authentication(self, prover: Prover) -> dict[str, Any]:
        allowed = self._known(ACTIVE, prover.user_id)
        if not allowed:
            raise FactorNotSetUp
        challenge = self._challenges.make(_asking(prover), prover.facts or NO_FACTS)
        return ceremony.authentication_options(self._party, challenge, allowed)

    def complete_authentication(self, prover: Prover, answer: str) -> Proof:
        credential = parse_object(answer)
        try:
            challenge = ceremony.challenge_of(credential)
            self._challenges.spend(_asking(prover), challenge, prover.facts or NO_FACTS)
            record = self._answering(prover.user_id, ceremony.credential_id_of(credential))
            proof = self._assertions.prove(
                record,
                lambda stored: ceremony.verify_authentication(
                    self._party, credential, challenge, stored
                ),
            )
            if prover.facts is None:
                return proof
            answer_parts = ceremony.signed_parts(credential)
        except (CeremonyRefused, ChallengeInvalid) as error:
            raise AssertionRejected(str(error)[:200]) from error
        return replace(proof, signed=Signed(record.credential_id, record.public_key, *answer_parts))

    def _answering(self, user_id: UUID, credential_id: bytes) -> Any:
        """Find the credential by its id within the account. L3 §7.2, credential record."""
        record = self._session.execute(
            OWN_ANSWERING, {"user_id": user_id, "credential_id": credential_id}
        ).one_or_none()
        if record is None:
            raise CeremonyRefused("no such credential in this account")
        if record.suspended_at is not None:
            raise CeremonyRefused("the credential is suspended")
        return record

    def _user(self, identity: Identity) -> UserAccount:
        account = self._users.account(identity.user_id)
        if account is None:
            raise AccountChanged
        name = account.username
        return UserAccount(account.user_handle, name, account.name or name)

    def _known(self, statement: Any, user_id: UUID) -> list[KnownCredential]:
        rows = self._session.execute(statement, {"user_id": user_id})
        return [
            KnownCredential(credential_id, tuple(filter(None, transports.split(","))))
            for credential_id, transports in rows
        ]


def _registering(identity: Identity, kind: Kind) -> Audience:
    family = identity.family_id.bytes if identity.family_id else b""
    return Audience(PURPOSES[kind], identity.user_id, identity.security_epoch, family)


def _asking(prover: Prover) -> Audience:
    purpose = Purpose.LOGIN if prover.facts is None else Purpose.CONFIRM
    return Audience(purpose, prover.user_id, prover.security_epoch, prover.occasion)


def _base64url(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()
