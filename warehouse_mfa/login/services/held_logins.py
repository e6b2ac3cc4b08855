"""Logins that wait for an approval, as the browser sees them that waits.

    held --link: "it is me"--> approved --press in the browser that waits--> session
    held --link: "it is not me"--> refused

It ends after a quarter of an hour, or with the security epoch of its account. The approval is no
proof of anything: password and factor were right before, and only this browser has the secret.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Self
from uuid import UUID

from pyramid.request import Request
from sqlalchemy import bindparam, insert, select, update
from zope.interface import implementer

from warehouse_mfa import crypto
from warehouse_mfa.accounts.models import Email, User
from warehouse_mfa.clock import IClock
from warehouse_mfa.db import Session, hits_one, new_id, table_of
from warehouse_mfa.entropy import IEntropy
from warehouse_mfa.events.agents import browser_of
from warehouse_mfa.events.interfaces import IEventService
from warehouse_mfa.factors.interfaces import IFactorService
from warehouse_mfa.login.interfaces import (
    Decision,
    HeldLogin,
    IHeldLoginService,
    LoggedInSession,
    LoginHeld,
    NotApproved,
    PendingLogin,
    PendingLoginGone,
)
from warehouse_mfa.login.models import HeldLoginRow
from warehouse_mfa.login.services.admission import Admission
from warehouse_mfa.login.services.attempts import FactorChecks
from warehouse_mfa.login.services.lookup import LoginLookup
from warehouse_mfa.login.services.remembering import Remembering
from warehouse_mfa.mail.interfaces import IMailer, ITokenService, Purpose
from warehouse_mfa.rate_limiting.interfaces import IRateLimiter, TooManyAttempts
from warehouse_mfa.sessions.interfaces import IDeviceService, ISessionService

HELD_LIFE = timedelta(minutes=15)
SECRET_BYTES = 32
MINUTE = timedelta(minutes=1)

HELD, USERS, EMAILS = table_of(HeldLoginRow), table_of(User), table_of(Email)
COLUMNS = (
    HELD.c.id,
    HELD.c.user_id,
    USERS.c.username,
    HELD.c.approved_at,
    HELD.c.refused_at,
    HELD.c.mailed_at,
    HELD.c.address,
    HELD.c.agent,
)
ALIVE = (
    HELD.c.completed_at.is_(None),
    HELD.c.expires_at > bindparam("now"),
    HELD.c.security_epoch == USERS.c.security_epoch,
    USERS.c.frozen_at.is_(None),
)
SELECT_HELD = select(*COLUMNS).join(USERS, USERS.c.id == HELD.c.user_id).where(*ALIVE)
FIND = SELECT_HELD.where(HELD.c.digest == bindparam("the_digest"))
RECIPIENTS = (
    select(EMAILS.c.address, USERS.c.locale)
    .join(USERS, USERS.c.id == EMAILS.c.user_id)
    .where(EMAILS.c.user_id == bindparam("the_user"), EMAILS.c.verified_at.is_not(None))
)
COMPLETE = (
    update(HELD)
    .where(
        HELD.c.id == bindparam("the_id"),
        HELD.c.approved_at.is_not(None),
        HELD.c.completed_at.is_(None),
        HELD.c.expires_at > bindparam("now"),
        HELD.c.security_epoch
        == select(USERS.c.security_epoch).where(USERS.c.id == HELD.c.user_id).scalar_subquery(),
    )
    .values(completed_at=bindparam("now"))
)
DETAILS = select(
    HELD.c.security_epoch,
    HELD.c.factor,
    HELD.c.credential,
    HELD.c.is_to_remember,
    HELD.c.next,
    HELD.c.created_at,
    HELD.c.expires_at,
).where(HELD.c.id == bindparam("the_id"))


def login_of_row(row: Any) -> HeldLogin:
    """Return what `COLUMNS` selected."""
    id_, user_id, username, approved_at, refused_at, mailed_at, address, agent = row
    decision = Decision.WAITING
    if refused_at is not None:
        decision = Decision.REFUSED
    elif approved_at is not None:
        decision = Decision.APPROVED
    is_mailed = mailed_at is not None
    return HeldLogin(id_, user_id, username, decision, is_mailed, address, browser_of(agent))


@implementer(IHeldLoginService)
class HeldLoginService:
    def __init__(
        self,
        session: Session,
        clock: IClock,
        entropy: IEntropy,
        tokens: ITokenService,
        mailer: IMailer,
        events: IEventService,
        limiter: IRateLimiter,
        factors: IFactorService,
        checks: FactorChecks,
        lookup: LoginLookup,
        admission: Admission,
        remembering: Remembering,
        place: Mapping[str, str | None],
        link_to: Callable[[str], str],
    ) -> None:
        """`place` has address and agent of who asks, as columns; `link_to` makes a link of a token."""
        self._session = session
        self._clock = clock
        self._entropy = entropy
        self._tokens = tokens
        self._mailer = mailer
        self._events = events
        self._limiter = limiter
        self._factors = factors
        self._checks = checks
        self._lookup = lookup
        self._admission = admission
        self._remembering = remembering
        self._place = place
        self._link_to = link_to

    @classmethod
    def create(cls, context: object, request: Request) -> Self:
        settings = request.registry["settings"]
        events: IEventService = request.find_service(IEventService)
        sessions: ISessionService = request.find_service(ISessionService)
        devices: IDeviceService = request.find_service(IDeviceService)
        path = request.route_path("login.confirm")
        return cls(
            request.db,
            request.find_service(IClock),
            request.find_service(IEntropy),
            request.find_service(ITokenService),
            request.find_service(IMailer),
            events,
            request.find_service(IRateLimiter, name="mail.approval"),
            request.find_service(IFactorService),
            FactorChecks.create(request),
            LoginLookup.create(request),
            Admission(sessions, devices, events),
            Remembering(sessions, devices, events, settings.remember_device),
            {"address": request.remote_addr, "agent": request.agent},
            lambda token: f"{settings.origin}{path}?token={token}",
        )

    def hold(
        self, pending: PendingLogin, factor: Any, credential: str, *, is_to_remember: bool
    ) -> bytes:
        secret, now, held_id = self._entropy.token_bytes(SECRET_BYTES), self._clock.now(), new_id()
        mails = self._mails_left(pending.user_id)
        self._session.execute(
            insert(HELD),
            {
                "id": held_id,
                "digest": crypto.digest(secret),
                "user_id": pending.user_id,
                "security_epoch": pending.security_epoch,
                "factor": factor.name,
                "credential": credential,
                "is_to_remember": is_to_remember,
                "next": pending.next,
                **self._place,
                "created_at": now,
                "expires_at": now + HELD_LIFE,
                "mailed_at": now if mails else None,
            },
        )
        self._events.record(
            pending.user_id, LoginHeld(credential), actor_id=pending.user_id, factor=factor.name
        )
        if mails:
            self._mail(held_id, now + HELD_LIFE)
        return secret

    def held(self, secret: bytes | None) -> HeldLogin | None:
        if secret is None:
            return None
        values = {"the_digest": crypto.digest(secret), "now": self._clock.now()}
        found = self._session.execute(FIND, values).one_or_none()
        return login_of_row(found) if found else None

    def mail_again(self, login: HeldLogin) -> bool:
        if login.decision is not Decision.WAITING:
            return False
        self._limiter.reserve(str(login.user_id))
        now = self._clock.now()
        expires_at = self._session.execute(
            update(HELD)
            .where(HELD.c.id == login.id)
            .values(mailed_at=now)
            .returning(HELD.c.expires_at)
        ).scalar()
        if expires_at is None:
            raise PendingLoginGone
        self._mail(login.id, expires_at)
        return True

    def complete(self, login: HeldLogin, device_secret: bytes | None) -> LoggedInSession:
        if login.decision is not Decision.APPROVED:
            raise NotApproved
        now = self._clock.now()
        account = self._lookup.account_of(login.user_id, device_secret, now)
        if account is None or not hits_one(
            self._session, COMPLETE, {"the_id": login.id, "now": now}
        ):
            raise PendingLoginGone
        found = self._session.execute(DETAILS, {"the_id": login.id}).one()
        factor = self._factors.named(found.factor)
        self._checks.logged_in(login.user_id, factor, account.held.usable)
        session, admitted = self._admission.admit(
            login.user_id,
            found.security_epoch,
            account.device,
            factor=factor.name,
            credential=found.credential,
            way=factor.name,
            is_reduced=account.held.is_reduced_by(factor),
            # To approve it proves no factor again.
            factor_at=found.created_at,
        )
        remember_secret = None
        if found.is_to_remember:
            remember_secret = self._remembering.remember(account, factor, session, admitted.id)
        return LoggedInSession(
            session, admitted.secret, account.locale, found.next, remember_secret
        )

    def _mails_left(self, user_id: UUID) -> bool:
        try:
            self._limiter.reserve(str(user_id))
        except TooManyAttempts:
            # The login waits all the same; its page says so, and asks for a mail later.
            return False
        return True

    def _mail(self, held_id: UUID, expires_at: datetime) -> None:
        """Mail a link to each verified address of the account."""
        row = self._session.execute(
            SELECT_HELD.add_columns(HELD.c.security_epoch).where(HELD.c.id == held_id),
            {"now": self._clock.now()},
        ).one_or_none()
        if row is None:  # it has just ended
            raise PendingLoginGone
        login, epoch = login_of_row(row[:-1]), row[-1]
        life = expires_at - self._clock.now()
        token = self._tokens.issue(
            Purpose.CONFIRM_LOGIN, login.user_id, login.id, security_epoch=epoch, life=life
        )
        for address, locale in self._session.execute(RECIPIENTS, {"the_user": login.user_id}).all():
            self._mailer.send(
                address,
                "confirm-login",
                locale=locale,
                username=login.username,
                link=self._link_to(token),
                minutes=max(1, life // MINUTE),
                client=login.address,
                browser=login.browser,
            )
