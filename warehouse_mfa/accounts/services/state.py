"""What operators do to an account as a whole: freeze it, let it go, end what is open."""

from typing import Self
from uuid import UUID

from pyramid.request import Request
from sqlalchemy import update
from zope.interface import implementer

from warehouse_mfa.accounts.interfaces import (
    AccountFrozen,
    AccountUnfrozen,
    FrozenAlready,
    IAccountStateService,
    IUserService,
    NotFrozen,
    SessionsEnded,
)
from warehouse_mfa.accounts.models import User
from warehouse_mfa.clock import IClock
from warehouse_mfa.db import Session, hits_one, table_of
from warehouse_mfa.events.interfaces import Event, IEventService

USERS = table_of(User)


@implementer(IAccountStateService)
class AccountStateService:
    def __init__(
        self, session: Session, clock: IClock, users: IUserService, events: IEventService
    ) -> None:
        self._session = session
        self._clock = clock
        self._users = users
        self._events = events

    @classmethod
    def create(cls, context: object, request: Request) -> Self:
        return cls(
            request.db,
            request.find_service(IClock),
            request.find_service(IUserService),
            request.find_service(IEventService),
        )

    def freeze(self, user_id: UUID) -> None:
        freeze = (
            update(USERS)
            .where(USERS.c.id == user_id, USERS.c.frozen_at.is_(None))
            .values(frozen_at=self._clock.now())
        )
        if not hits_one(self._session, freeze):
            raise FrozenAlready
        self._end(user_id, AccountFrozen())

    def unfreeze(self, user_id: UUID) -> None:
        unfreeze = (
            update(USERS)
            .where(USERS.c.id == user_id, USERS.c.frozen_at.is_not(None))
            .values(frozen_at=None)
        )
        if not hits_one(self._session, unfreeze):
            raise NotFrozen
        # What came about meanwhile, whichever way, must not come to life now.
        self._end(user_id, AccountUnfrozen())

    def end_sessions(self, user_id: UUID) -> None:
        self._end(user_id, SessionsEnded())

    def _end(self, user_id: UUID, event: Event) -> None:
        epoch = self._users.locked_security_epoch(user_id)
        self._users.raise_security_epoch(user_id, epoch)
        self._events.record(user_id, event)
