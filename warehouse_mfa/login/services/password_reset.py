"""The way back when the password is forgotten.

Asking writes a row with what was typed and nothing else, so that a known name takes what an unknown
one takes; a task looks whose it is, and mails the link. The link alone is no factor: an account that
has a second one needs it here, too.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Self

from pyramid.request import Request
from sqlalchemy import and_, bindparam, delete, insert, select
from sqlalchemy.orm import Session
from transaction import TransactionManager
from zope.interface import implementer

from warehouse_mfa.accounts.interfaces import AccountChanged, IPasswordService, IUserService
from warehouse_mfa.accounts.models import Email, User
from warehouse_mfa.clock import IClock
from warehouse_mfa.db import IUnitOfWork, new_id, table_of
from warehouse_mfa.events.interfaces import IEventService
from warehouse_mfa.factors.interfaces import FactorNotSetUp, IFactorService
from warehouse_mfa.login.interfaces import (
    IPasswordResetService,
    PasswordReset,
    PasswordResetAsked,
    PasswordWasReset,
)
from warehouse_mfa.login.models import ResetRequest
from warehouse_mfa.login.services.attempts import Budget, FactorChecks
from warehouse_mfa.login.services.lookup import is_address, key_of
from warehouse_mfa.mail.interfaces import IMailer, ITokenService, LinkInvalid, Purpose
from warehouse_mfa.rate_limiting.interfaces import IRateLimiter, TooManyAttempts
from warehouse_mfa.tasks import ITaskQueue

LINK_LIFE = timedelta(hours=1)
TASK = "login.reset"
MOST_AT_ONCE = 50

REQUESTS, USERS, EMAILS = table_of(ResetRequest), table_of(User), table_of(Email)
TAKE = (
    delete(REQUESTS)
    .where(
        REQUESTS.c.id.in_(
            select(REQUESTS.c.id)
            .order_by(REQUESTS.c.id)
            .limit(MOST_AT_ONCE)
            .with_for_update(skip_locked=True)
        )
    )
    .returning(REQUESTS.c.typed_name, REQUESTS.c.client)
)
RECIPIENT = (
    select(USERS.c.id, USERS.c.username, USERS.c.locale, USERS.c.security_epoch, EMAILS.c.address)
    .join(EMAILS, and_(EMAILS.c.user_id == USERS.c.id, EMAILS.c.verified_at.is_not(None)))
    .where(USERS.c.frozen_at.is_(None))
)
BY_ADDRESS = RECIPIENT.where(EMAILS.c.address_key == bindparam("key"))
BY_USERNAME = RECIPIENT.where(USERS.c.username_key == bindparam("key"), EMAILS.c.is_primary)


@implementer(IPasswordResetService)
class PasswordResetService:
    def __init__(
        self,
        session: Session,
        manager: TransactionManager,
        work: IUnitOfWork,
        clock: IClock,
        queue: ITaskQueue,
        users: IUserService,
        passwords: IPasswordService,
        factors: IFactorService,
        tokens: ITokenService,
        mailer: IMailer,
        events: IEventService,
        limiter: Callable[[str], IRateLimiter],
        link_to: Callable[[str], str],
        checks: FactorChecks,
    ) -> None:
        """`limiter` finds a rate limiter by name; `link_to` makes a link of a token."""
        self._session = session
        self._manager = manager
        self._work = work
        self._clock = clock
        self._queue = queue
        self._users = users
        self._passwords = passwords
        self._factors = factors
        self._tokens = tokens
        self._mailer = mailer
        self._events = events
        self._limiter = limiter
        self._link_to = link_to
        self._checks = checks

    @classmethod
    def create(cls, context: object, request: Request) -> Self:
        origin = request.registry["settings"].origin
        return cls(
            request.db,
            request.tm,
            request.find_service(IUnitOfWork),
            request.find_service(IClock),
            request.find_service(ITaskQueue),
            request.find_service(IUserService),
            request.find_service(IPasswordService),
            request.find_service(IFactorService),
            request.find_service(ITokenService),
            request.find_service(IMailer),
            request.find_service(IEventService),
            lambda name: request.find_service(IRateLimiter, name=name),
            lambda token: f"{origin}{request.route_path('login.reset')}?token={token}",
            FactorChecks.create(request),
        )

    # The request

    def ask(self, name: str, *, client: str) -> None:
        try:
            self._limiter("mail.address").reserve(client)
        except TooManyAttempts:
            # The answer is the same.
            return
        self._session.execute(
            insert(REQUESTS),
            {
                "id": new_id(),
                "typed_name": name,
                "client": client,
                "created_at": self._clock.now(),
            },
        )
        self._manager.get().addAfterCommitHook(
            lambda committed: self._queue.hint(TASK) if committed else None
        )

    def answer_requests(self) -> None:
        for name, client in self._session.execute(TAKE).all():
            self._answer(name, client)

    def _answer(self, name: str, client: str) -> None:
        statement = BY_ADDRESS if is_address(name) else BY_USERNAME
        found = self._session.execute(statement, {"key": key_of(name)}).one_or_none()
        if found is None:
            return
        user_id, username, locale, epoch, address = found
        try:
            self._limiter("mail.reset").reserve(str(user_id))
        except TooManyAttempts:
            return
        token = self._tokens.issue(
            Purpose.RESET_PASSWORD, user_id, user_id, security_epoch=epoch, life=LINK_LIFE
        )
        self._mailer.send(
            address,
            "reset-password",
            locale=locale,
            username=username,
            link=self._link_to(token),
            minutes=int(LINK_LIFE.total_seconds() // 60),
            client=client,
        )
        self._events.record(user_id, PasswordResetAsked(), address=client)

    # The link

    def reset_of(self, token: str) -> PasswordReset:
        link = self._tokens.find(Purpose.RESET_PASSWORD, token)
        account = self._users.account(link.user_id)
        if account is None or account.security_epoch != link.security_epoch:
            raise LinkInvalid
        return PasswordReset(
            link, self._passwords.holder(link.user_id), self._factors.held_by(link.user_id)
        )

    def complete(
        self, reset: PasswordReset, new_password: str, factor: Any | None, answer: str | None
    ) -> None:
        if factor is None and reset.held.enrolled:
            raise FactorNotSetUp
        self._passwords.check(
            new_password, username=reset.holder.username, address=reset.holder.address
        )
        user_id = reset.link.user_id
        label = ""
        if factor is not None:
            # Before the hash, so that a link alone makes nobody compute many.
            budget = Budget(self._limiter("reset.link"), str(reset.link.id), user_id)
            label = self._checks.check(reset.prover, factor, answer or "", [budget]).label
        with self._work.paused():
            hashed = self._passwords.hash(new_password)
        self._tokens.spend(reset.link)
        self._passwords.replace(reset.holder, hashed)
        try:
            self._users.raise_security_epoch(user_id, reset.link.security_epoch)
        except AccountChanged as error:
            raise LinkInvalid from error
        self._events.record(
            user_id,
            PasswordWasReset(label),
            actor_id=user_id,
            factor=factor.name if factor else None,
        )
