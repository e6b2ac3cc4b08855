"""Logins that wait for an approval, as whoever opens the mailed link decides about them."""

from typing import Any, Self

from pyramid.request import Request
from sqlalchemy import bindparam, select, update
from zope.interface import implementer

from warehouse_mfa.clock import IClock
from warehouse_mfa.db import Session, hits_one
from warehouse_mfa.events.interfaces import Event, IEventService
from warehouse_mfa.login.interfaces import (
    ILoginApprovalService,
    LoginApproved,
    LoginDisowned,
    LoginToApprove,
)
from warehouse_mfa.login.services.held_logins import HELD, SELECT_HELD, USERS, login_of_row
from warehouse_mfa.mail.interfaces import ITokenService, LinkInvalid, Purpose

UNDECIDED = (HELD.c.approved_at.is_(None), HELD.c.refused_at.is_(None))
FIND = SELECT_HELD.where(
    HELD.c.id == bindparam("the_id"), HELD.c.user_id == bindparam("the_user"), *UNDECIDED
)
DECIDE = update(HELD).where(
    HELD.c.id == bindparam("the_id"),
    *UNDECIDED,
    HELD.c.expires_at > bindparam("now"),
    HELD.c.security_epoch
    == select(USERS.c.security_epoch).where(USERS.c.id == HELD.c.user_id).scalar_subquery(),
)
APPROVE = DECIDE.values(approved_at=bindparam("now"))
REFUSE = DECIDE.values(refused_at=bindparam("now"))


@implementer(ILoginApprovalService)
class LoginApprovalService:
    def __init__(
        self, session: Session, clock: IClock, tokens: ITokenService, events: IEventService
    ) -> None:
        self._session = session
        self._clock = clock
        self._tokens = tokens
        self._events = events

    @classmethod
    def create(cls, context: object, request: Request) -> Self:
        return cls(
            request.db,
            request.find_service(IClock),
            request.find_service(ITokenService),
            request.find_service(IEventService),
        )

    def login_of(self, token: str) -> LoginToApprove:
        link = self._tokens.find(Purpose.CONFIRM_LOGIN, token)
        values = {"the_id": link.about_id, "the_user": link.user_id, "now": self._clock.now()}
        found = self._session.execute(FIND, values).one_or_none()
        if found is None:
            raise LinkInvalid
        return LoginToApprove(link, login_of_row(found))

    def approve(self, token: str) -> LoginToApprove:
        return self._decide(token, APPROVE, LoginApproved())

    def refuse(self, token: str) -> LoginToApprove:
        return self._decide(token, REFUSE, LoginDisowned())

    def _decide(self, token: str, statement: Any, event: Event) -> LoginToApprove:
        about = self.login_of(token)
        self._tokens.spend(about.link)
        now = self._clock.now()
        if not hits_one(self._session, statement, {"the_id": about.login.id, "now": now}):
            raise LinkInvalid
        self._events.record(about.login.user_id, event)
        return about
