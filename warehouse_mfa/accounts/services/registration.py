"""Making accounts."""

from datetime import datetime
from typing import Self
from uuid import UUID

from pyramid.request import Request
from sqlalchemy import bindparam, insert, select, union_all
from sqlalchemy.exc import IntegrityError
from zope.interface import implementer

from warehouse_mfa.accounts.interfaces import (
    AccountRegistered,
    AddressRefused,
    AddressTaken,
    EmailVerified,
    IEmailService,
    IPasswordService,
    IRegistrationService,
    NewAccount,
    UsernameRefused,
    UsernameTaken,
)
from warehouse_mfa.accounts.models import Email, RetiredName, User
from warehouse_mfa.accounts.names import address_key, is_username, parse_address, username_key
from warehouse_mfa.clock import IClock
from warehouse_mfa.crypto import HasherOverloaded
from warehouse_mfa.db import IUnitOfWork, Session, new_id
from warehouse_mfa.entropy import IEntropy
from warehouse_mfa.events.interfaces import IEventService
from warehouse_mfa.i18n import LANGUAGES
from warehouse_mfa.rate_limiting.interfaces import IRateLimiter
from warehouse_mfa.sessions.interfaces import ISessionService, StartedSession

USER_HANDLE_BYTES = 64  # WebAuthn L3 §14.6.1

# One statement, because between two of them an account could be deleted.
NAMED = union_all(
    select(User.username_key).where(User.username_key == bindparam("key")),
    select(RetiredName.username_key).where(RetiredName.username_key == bindparam("key")),
)


@implementer(IRegistrationService)
class RegistrationService:
    def __init__(
        self,
        session: Session,
        work: IUnitOfWork,
        clock: IClock,
        entropy: IEntropy,
        passwords: IPasswordService,
        emails: IEmailService,
        sessions: ISessionService,
        events: IEventService,
        limiter: IRateLimiter,
        locale: str,
    ) -> None:
        self._session = session
        self._work = work
        self._clock = clock
        self._entropy = entropy
        self._passwords = passwords
        self._emails = emails
        self._sessions = sessions
        self._events = events
        self._limiter = limiter
        self._locale = locale

    @classmethod
    def create(cls, context: object, request: Request) -> Self:
        return cls(
            request.db,
            request.find_service(IUnitOfWork),
            request.find_service(IClock),
            request.find_service(IEntropy),
            request.find_service(IPasswordService),
            request.find_service(IEmailService),
            request.find_service(ISessionService),
            request.find_service(IEventService),
            request.find_service(IRateLimiter, name="register.address"),
            request.locale_name,
        )

    def register(self, new: NewAccount, *, address_of_client: str) -> StartedSession:
        address = self._check(new)
        self._passwords.check(new.password, username=new.username, address=address)
        attempt = self._limiter.reserve(address_of_client)
        self._passwords.refuse_breached(new.password)
        try:
            password_hash = self._hash(new.password)
        except HasherOverloaded:
            # A crowd must not keep those out who try again when it has gone.
            self._limiter.give_back(attempt)
            raise
        user_id, email_id = self._insert(new, address, password_hash)
        self._events.record(user_id, AccountRegistered(new.username), actor_id=user_id)
        self._emails.send_verification(user_id, email_id, address_of_client=address_of_client)
        return self._sessions.start(user_id, 0, factor=None)

    def create_account(self, new: NewAccount, *, is_verified: bool, is_superuser: bool) -> UUID:
        address = self._check(new)
        password_hash = None
        if new.password:
            self._passwords.check(new.password, username=new.username, address=address)
            self._passwords.refuse_breached(new.password)
            password_hash = self._hash(new.password)
        user_id, email_id = self._insert(
            new,
            address,
            password_hash,
            verified_at=self._clock.now() if is_verified else None,
            is_superuser=is_superuser,
        )
        self._events.record(user_id, AccountRegistered(new.username))
        if is_verified:
            self._events.record(user_id, EmailVerified(str(email_id), address))
        return user_id

    def _check(self, new: NewAccount) -> str:
        if not is_username(new.username):
            raise UsernameRefused
        address = parse_address(new.email)
        if address is None:
            raise AddressRefused
        if self._is_taken(new.username):
            raise UsernameTaken
        return address

    def _hash(self, password: str) -> str:
        with self._work.paused():
            return self._passwords.hash(password)

    def _is_taken(self, username: str) -> bool:
        return self._session.execute(NAMED, {"key": username_key(username)}).first() is not None

    def _insert(
        self,
        new: NewAccount,
        address: str,
        password_hash: str | None,
        *,
        verified_at: datetime | None = None,
        is_superuser: bool = False,
    ) -> tuple[UUID, UUID]:
        user_id, email_id, now = new_id(), new_id(), self._clock.now()
        try:
            with self._session.begin_nested():
                self._session.execute(
                    insert(User).values(
                        id=user_id,
                        username=new.username,
                        username_key=username_key(new.username),
                        name=new.name,
                        password_hash=password_hash,
                        security_epoch=0,
                        user_handle=self._entropy.token_bytes(USER_HANDLE_BYTES),
                        locale=self._locale if self._locale in LANGUAGES else LANGUAGES[0],
                        is_superuser=is_superuser,
                        created_at=now,
                        verified_at=verified_at,
                    )
                )
                self._session.execute(
                    insert(Email).values(
                        id=email_id,
                        user_id=user_id,
                        address=address,
                        address_key=address_key(address),
                        is_primary=True,
                        created_at=now,
                        verified_at=verified_at,
                    )
                )
        except IntegrityError as error:
            # Somebody was faster, with the name or by verifying the address.
            raise (UsernameTaken if self._is_taken(new.username) else AddressTaken) from error
        return user_id, email_id
