"""Asking for a link that resets a password.

Asking writes a row with what was typed and nothing else, so that a known name takes what an unknown
one takes; a task looks whose it is, and mails the link.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Self

from pyramid.request import Request
from sqlalchemy import and_, bindparam, delete, insert, select
from transaction import TransactionManager
from zope.interface import implementer

from warehouse_mfa.accounts.models import Email, User
from warehouse_mfa.clock import IClock
from warehouse_mfa.db import Session, new_id, table_of
from warehouse_mfa.events.interfaces import IEventService
from warehouse_mfa.login.interfaces import IResetRequestService, PasswordResetAsked
from warehouse_mfa.login.models import ResetRequest
from warehouse_mfa.login.services.lookup import is_address, key_of
from warehouse_mfa.mail.interfaces import IMailer, ITokenService, Purpose
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
    .returning(REQUESTS.c.typed_name, REQUESTS.c.client, REQUESTS.c.created_at)
)
RECIPIENT = (
    select(USERS.c.id, USERS.c.username, USERS.c.locale, USERS.c.security_epoch, EMAILS.c.address)
    .join(EMAILS, and_(EMAILS.c.user_id == USERS.c.id, EMAILS.c.verified_at.is_not(None)))
    .where(USERS.c.frozen_at.is_(None))
)
BY_ADDRESS = RECIPIENT.where(EMAILS.c.address_key == bindparam("key"))
BY_USERNAME = RECIPIENT.where(USERS.c.username_key == bindparam("key"), EMAILS.c.is_primary)


@implementer(IResetRequestService)
class ResetRequestService:
    def __init__(
        self,
        session: Session,
        manager: TransactionManager,
        clock: IClock,
        queue: ITaskQueue,
        tokens: ITokenService,
        mailer: IMailer,
        events: IEventService,
        limiter: Callable[[str], IRateLimiter],
        link_to: Callable[[str], str],
    ) -> None:
        """`limiter` finds a rate limiter by name; `link_to` makes a link of a token."""
        self._session = session
        self._manager = manager
        self._clock = clock
        self._queue = queue
        self._tokens = tokens
        self._mailer = mailer
        self._events = events
        self._limiter = limiter
        self._link_to = link_to

    @classmethod
    def create(cls, context: object, request: Request) -> Self:
        origin = request.registry["settings"].origin
        return cls(
            request.db,
            request.tm,
            request.find_service(IClock),
            request.find_service(ITaskQueue),
            request.find_service(ITokenService),
            request.find_service(IMailer),
            request.find_service(IEventService),
            lambda name: request.find_service(IRateLimiter, name=name),
            lambda token: f"{origin}{request.route_path('login.reset')}?token={token}",
        )

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

    def answer(self) -> None:
        oldest = self._clock.now() - LINK_LIFE
        for name, client, created_at in self._session.execute(TAKE).all():
            # Whoever asked so long ago waits no more; it may come out of a backup.
            if created_at > oldest:
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
        # One link at a time: each has attempts of its own, and many would have many.
        self._tokens.void(Purpose.RESET_PASSWORD, user_id)
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
