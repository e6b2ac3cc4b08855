"""Requests for help by who has lost everything.

    asked --a task finds the account--> mailed --link--> confirmed: it waits
                                                             |--"this was not me"--> withdrawn

Asking writes a row with what was typed, whoever it is about; a row about nobody ends with the task. No
state changes anything about the account: people look at what is confirmed and has waited.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Self
from uuid import UUID

from pyramid.request import Request
from sqlalchemy import and_, bindparam, delete, insert, select, update
from transaction import TransactionManager
from zope.interface import implementer

from warehouse_mfa.accounts.interfaces import AddressRefused, IPasswordService, PasswordRefused
from warehouse_mfa.accounts.models import Email, User
from warehouse_mfa.clock import IClock
from warehouse_mfa.db import IUnitOfWork, Session, new_id, rows_hit, table_of
from warehouse_mfa.events.interfaces import IEventService
from warehouse_mfa.login.interfaces import (
    WAIT,
    HelpAsked,
    HelpRequest,
    HelpWithdrawn,
    ILostService,
    LoginAccount,
    Loss,
    NamedByOtherAddress,
    PasswordFailed,
    PasswordLimited,
)
from warehouse_mfa.login.models import LostRequest
from warehouse_mfa.login.services.attempts import Attempts, password_budgets
from warehouse_mfa.login.services.lookup import LoginLookup, is_address, key_of
from warehouse_mfa.mail.interfaces import IMailer, ITokenService, LinkInvalid, Purpose
from warehouse_mfa.rate_limiting.interfaces import IRateLimiter, TooManyAttempts
from warehouse_mfa.tasks import ITaskQueue

LINK_LIFE = timedelta(hours=24)
LONGEST_QUEUE = timedelta(hours=1)
TASK = "login.lost"
MOST_AT_ONCE = 50

REQUESTS, USERS, EMAILS = table_of(LostRequest), table_of(User), table_of(Email)
WAITING = (
    select(REQUESTS.c.id, REQUESTS.c.typed_name, REQUESTS.c.address, REQUESTS.c.created_at)
    .where(REQUESTS.c.user_id.is_(None))
    .order_by(REQUESTS.c.id)
    .limit(MOST_AT_ONCE)
    .with_for_update(skip_locked=True)
)
FORGET = delete(REQUESTS).where(REQUESTS.c.id == bindparam("the_id"))
FOUND = (
    update(REQUESTS)
    .where(REQUESTS.c.id == bindparam("the_id"))
    .values(user_id=bindparam("the_user"))
)
IS_OWN = (
    select(EMAILS.c.id)
    .where(
        EMAILS.c.user_id == REQUESTS.c.user_id,
        EMAILS.c.address_key == bindparam("key"),
        EMAILS.c.verified_at.is_not(None),
    )
    .exists()
)
CONFIRM = (
    update(REQUESTS)
    .where(
        REQUESTS.c.id == bindparam("the_id"),
        REQUESTS.c.confirmed_at.is_(None),
        REQUESTS.c.withdrawn_at.is_(None),
    )
    .values(confirmed_at=bindparam("now"), is_own_address=IS_OWN)
)
WITHDRAW = (
    update(REQUESTS)
    .where(REQUESTS.c.user_id == bindparam("the_user"), REQUESTS.c.withdrawn_at.is_(None))
    .values(withdrawn_at=bindparam("now"))
)
SHOWN = select(
    REQUESTS.c.id,
    USERS.c.username,
    REQUESTS.c.address,
    REQUESTS.c.statement,
    REQUESTS.c.is_password_right,
    REQUESTS.c.is_own_address,
    REQUESTS.c.confirmed_at,
    REQUESTS.c.withdrawn_at,
).join(USERS, USERS.c.id == REQUESTS.c.user_id)
THIS = SHOWN.where(REQUESTS.c.id == bindparam("the_id"))
CONFIRMED = SHOWN.where(
    and_(REQUESTS.c.confirmed_at.is_not(None), REQUESTS.c.withdrawn_at.is_(None))
).order_by(REQUESTS.c.confirmed_at)


@implementer(ILostService)
class LostService:
    def __init__(
        self,
        session: Session,
        work: IUnitOfWork,
        manager: TransactionManager,
        clock: IClock,
        queue: ITaskQueue,
        lookup: LoginLookup,
        passwords: IPasswordService,
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
        self._lookup = lookup
        self._passwords = passwords
        self._tokens = tokens
        self._mailer = mailer
        self._events = events
        self._limiter = limiter
        self._link_to = link_to
        self._attempts = Attempts(work, events)

    @classmethod
    def create(cls, context: object, request: Request) -> Self:
        origin = request.registry["settings"].origin
        return cls(
            request.db,
            request.find_service(IUnitOfWork),
            request.tm,
            request.find_service(IClock),
            request.find_service(ITaskQueue),
            LoginLookup.create(request),
            request.find_service(IPasswordService),
            request.find_service(ITokenService),
            request.find_service(IMailer),
            request.find_service(IEventService),
            lambda name: request.find_service(IRateLimiter, name=name),
            lambda token: f"{origin}{request.route_path('login.lost.confirm')}?token={token}",
        )

    def ask(self, loss: Loss, *, client: str) -> None:
        if Email.parse(loss.address) is None:
            raise AddressRefused
        if is_address(loss.username) and key_of(loss.username) != Email.key_of(loss.address):
            raise NamedByOtherAddress
        try:
            self._limiter("mail.address").reserve(client)
        except TooManyAttempts:
            # The answer is the same.
            return
        is_right = bool(loss.password) and self._is_right(loss, client)
        self._session.execute(
            insert(REQUESTS),
            {
                "id": new_id(),
                "typed_name": loss.username,
                "address": Email.parse(loss.address),
                "statement": loss.statement,
                "is_password_right": is_right,
                "is_own_address": False,
                "client": client,
                "created_at": self._clock.now(),
            },
        )
        self._manager.get().addAfterCommitHook(
            lambda committed: self._queue.hint(TASK) if committed else None
        )

    def _is_right(self, loss: Loss, client: str) -> bool:
        """Check the password as a login does: within its budgets, and as long for an unknown name."""
        account = self._account(loss.username)
        user_id = account.user_id if account else None
        reserved = self._attempts.reserve(
            password_budgets(self._limiter, key_of(loss.username), user_id, None, client),
            PasswordLimited,
        )
        stored = account.password_hash if account else None
        try:
            with self._attempts.hashing(reserved):
                match = self._passwords.verify(loss.password, stored)
        except PasswordRefused:
            self._events.record(user_id, PasswordFailed("too long"))
            return False
        if account is None or stored is None or not match.matches:
            reason = "unknown name" if account is None else "wrong password"
            self._events.record(user_id, PasswordFailed(reason))
            return False
        reserved.give_back()
        return True

    def answer(self) -> None:
        oldest = self._clock.now() - LONGEST_QUEUE
        for id_, name, address, created_at in self._session.execute(WAITING).all():
            account = self._account(name) if created_at > oldest else None
            if account is None or account.is_frozen or self._is_limited(account.user_id, address):
                self._session.execute(FORGET, {"the_id": id_})
            else:
                self._mail(id_, account, address)

    def _mail(self, request_id: UUID, account: LoginAccount, address: str) -> None:
        user_id = account.user_id
        self._session.execute(FOUND, {"the_id": request_id, "the_user": user_id})
        token = self._tokens.issue(
            Purpose.CONFIRM_LOSS,
            user_id,
            request_id,
            security_epoch=account.security_epoch,
            life=LINK_LIFE,
        )
        self._mailer.send(
            address,
            "confirm-loss",
            locale=account.locale,
            username=account.username,
            link=self._link_to(token),
        )

    def _is_limited(self, user_id: UUID, address: str) -> bool:
        # Not by account alone: strangers who ask for help with it would leave its owner none.
        try:
            self._limiter("mail.lost").reserve(f"{user_id} {Email.key_of(address)}")
        except TooManyAttempts:
            return True
        return False

    def username_of(self, token: str) -> str:
        username, _ = self._asked(self._tokens.find(Purpose.CONFIRM_LOSS, token).about_id)
        return username

    def confirm(self, token: str) -> HelpRequest:
        link = self._tokens.find(Purpose.CONFIRM_LOSS, token)
        # Not the epoch: who changes the account may be the thief.
        self._tokens.spend(link)
        _, address = self._asked(link.about_id)
        values = {
            "the_id": link.about_id,
            "key": Email.key_of(address),
            "now": self._clock.now(),
        }
        if rows_hit(self._session, CONFIRM, values) != 1:
            raise LinkInvalid
        confirmed = _request(self._session.execute(THIS, values).one())
        self._events.record(
            link.user_id,
            HelpAsked(confirmed.address, confirmed.is_password_right, confirmed.is_own_address),
        )
        return confirmed

    def withdraw(self, user_id: UUID) -> None:
        values = {"the_user": user_id, "now": self._clock.now()}
        number = rows_hit(self._session, WITHDRAW, values)
        if number:
            self._events.record(user_id, HelpWithdrawn(number))

    def requests(self) -> list[HelpRequest]:
        return [_request(row) for row in self._session.execute(CONFIRMED)]

    def _asked(self, request_id: UUID) -> tuple[str, str]:
        """Return username and address of a request. :raises LinkInvalid: when it is gone."""
        found = self._session.execute(THIS, {"the_id": request_id}).one_or_none()
        if found is None or found.withdrawn_at is not None:
            raise LinkInvalid
        return found.username, found.address

    def _account(self, name: str) -> LoginAccount | None:
        return self._lookup.account(name, None, self._clock.now())


def _request(row: Any) -> HelpRequest:
    return HelpRequest(
        row.id,
        row.username,
        row.address,
        row.statement,
        row.is_password_right,
        row.is_own_address,
        row.confirmed_at,
        row.confirmed_at + WAIT,
    )
