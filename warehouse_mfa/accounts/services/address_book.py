"""The addresses of an account: another one, one less, another primary one."""

from typing import Self
from uuid import UUID

from pyramid.request import Request
from sqlalchemy import bindparam, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from zope.interface import implementer

from warehouse_mfa.accounts.interfaces import (
    AccountChanged,
    AddressKnown,
    AddressRefused,
    EmailClaimed,
    EmailRemoved,
    IAccountChangeService,
    IAddressBook,
    IEmailService,
    IProbationService,
    IUserService,
    ListedEmail,
    NotVerifiedYet,
    PrimaryEmailChanged,
    PrimaryStays,
    TooManyAddresses,
)
from warehouse_mfa.accounts.models import Email
from warehouse_mfa.accounts.names import address_key, parse_address
from warehouse_mfa.accounts.tasks import UNVERIFIED_LIFE
from warehouse_mfa.authz import Cause, Identity
from warehouse_mfa.clock import IClock
from warehouse_mfa.db import Session, new_id, table_of
from warehouse_mfa.events.interfaces import IEventService
from warehouse_mfa.mail.interfaces import ITokenService, Purpose

MOST_ADDRESSES = 10

EMAILS = table_of(Email)
OWN = EMAILS.c.user_id == bindparam("the_user")
THIS = EMAILS.c.id == bindparam("the_id")
LIST = (
    select(
        EMAILS.c.id,
        EMAILS.c.address,
        EMAILS.c.is_primary,
        EMAILS.c.verified_at.is_not(None).label("is_verified"),
        EMAILS.c.created_at,
    )
    .where(OWN)
    .order_by(EMAILS.c.is_primary.desc(), EMAILS.c.id)
)
COUNT = select(func.count()).select_from(EMAILS).where(OWN)
REMOVE = (
    delete(EMAILS)
    .where(THIS, OWN, EMAILS.c.is_primary.is_(False))
    .returning(EMAILS.c.address, EMAILS.c.verified_at)
)
IS_PRIMARY = select(EMAILS.c.id).where(THIS, OWN, EMAILS.c.is_primary)
STEP_DOWN = update(EMAILS).where(OWN, EMAILS.c.is_primary).values(is_primary=False)
MAKE_PRIMARY = (
    update(EMAILS)
    .where(THIS, OWN, EMAILS.c.verified_at.is_not(None))
    .values(is_primary=True)
    .returning(EMAILS.c.address)
)


@implementer(IAddressBook)
class AddressBook:
    def __init__(
        self,
        session: Session,
        clock: IClock,
        users: IUserService,
        emails: IEmailService,
        tokens: ITokenService,
        changes: IAccountChangeService,
        probation: IProbationService,
        events: IEventService,
    ) -> None:
        self._session = session
        self._clock = clock
        self._users = users
        self._emails = emails
        self._tokens = tokens
        self._changes = changes
        self._probation = probation
        self._events = events

    @classmethod
    def create(cls, context: object, request: Request) -> Self:
        return cls(
            request.db,
            request.find_service(IClock),
            request.find_service(IUserService),
            request.find_service(IEmailService),
            request.find_service(ITokenService),
            request.find_service(IAccountChangeService),
            request.find_service(IProbationService),
            request.find_service(IEventService),
        )

    def addresses(self, user_id: UUID) -> list[ListedEmail]:
        return [
            ListedEmail(
                id_,
                address,
                is_primary,
                is_verified,
                lapses_at=None if is_verified else created_at + UNVERIFIED_LIFE,
            )
            for id_, address, is_primary, is_verified, created_at in self._session.execute(
                LIST, {"the_user": user_id}
            )
        ]

    def add(self, identity: Identity, address: str, *, address_of_client: str) -> None:
        parsed = parse_address(address)
        if parsed is None:
            raise AddressRefused
        self._lock(identity)
        if self._session.execute(COUNT, {"the_user": identity.user_id}).scalar_one() >= (
            MOST_ADDRESSES
        ):
            raise TooManyAddresses
        email_id = new_id()
        try:
            with self._session.begin_nested():
                self._session.execute(
                    insert(EMAILS),
                    {
                        "id": email_id,
                        "user_id": identity.user_id,
                        "address": parsed,
                        "address_key": address_key(parsed),
                        "is_primary": False,
                        "created_at": self._clock.now(),
                    },
                )
        except IntegrityError as error:
            raise AddressKnown from error
        self._events.record(identity.user_id, EmailClaimed(str(email_id), parsed))
        self._emails.send_verification(
            identity.user_id, email_id, address_of_client=address_of_client
        )

    def remove(self, identity: Identity, email_id: UUID) -> None:
        self._lock(identity)
        own = {"the_user": identity.user_id, "the_id": email_id}
        removed = self._session.execute(REMOVE, own).one_or_none()
        if removed is None:
            if self._session.execute(IS_PRIMARY, own).first() is not None:
                raise PrimaryStays
            # Another tab was faster.
            return
        was_verified = removed.verified_at is not None
        if was_verified:
            # A link that was mailed there must not open the account any more, nor let anybody in.
            for purpose in (Purpose.RESET_PASSWORD, Purpose.CONFIRM_LOGIN):
                self._tokens.void(purpose, identity.user_id)
        self._events.record(
            identity.user_id, EmailRemoved(str(email_id), removed.address, was_verified)
        )

    def make_primary(self, identity: Identity, email_id: UUID) -> None:
        self._lock(identity)
        own = {"the_user": identity.user_id, "the_id": email_id}
        if self._session.execute(IS_PRIMARY, own).first() is not None:
            return
        with self._session.begin_nested():
            self._session.execute(STEP_DOWN, own)
            address = self._session.execute(MAKE_PRIMARY, own).scalar_one_or_none()
            if address is None:
                raise NotVerifiedYet
        self._changes.changed(identity)
        self._probation.begin(identity.user_id, Cause.PRIMARY_ADDRESS)
        self._events.record(identity.user_id, PrimaryEmailChanged(str(email_id), address))

    def _lock(self, identity: Identity) -> None:
        """Let one change of an account's addresses happen after the other.

        :raises AccountChanged: when the session that asks ended meanwhile.
        """
        if self._users.locked_security_epoch(identity.user_id) != identity.security_epoch:
            raise AccountChanged
