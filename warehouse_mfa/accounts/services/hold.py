"""Holding what an account can publish.

    free --"this was not me", from a mail--> held --"everything is in order", stepped up--> free

The hold is a time in the account's row. It is no factor and asks for none: whoever holds a mail to the
account may set it, and only who proves to be its owner takes it back.
"""

from typing import Self
from uuid import UUID

from pyramid.request import Request
from sqlalchemy import bindparam, func, select, update
from zope.interface import implementer

from warehouse_mfa.accounts.interfaces import (
    AccountChanged,
    HoldLifted,
    IPublishingHold,
    IUserService,
    NothingHeld,
    NotMeSaid,
    StrongerFactorNeeded,
)
from warehouse_mfa.accounts.models import User
from warehouse_mfa.authz import Identity
from warehouse_mfa.clock import IClock
from warehouse_mfa.db import Session, hits_one, table_of
from warehouse_mfa.events.interfaces import IEventService

USERS = table_of(User)
THIS = USERS.c.id == bindparam("the_id")
HOLD = (
    update(USERS)
    .where(THIS)
    # Since when: a second press does not make it younger.
    .values(publishing_held_at=func.coalesce(USERS.c.publishing_held_at, bindparam("now")))
)
LIFT = (
    update(USERS)
    .where(THIS, USERS.c.publishing_held_at.is_not(None))
    .values(publishing_held_at=None)
)
IS_HELD = select(USERS.c.publishing_held_at.is_not(None)).where(THIS)


@implementer(IPublishingHold)
class PublishingHold:
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

    def hold(self, user_id: UUID) -> None:
        epoch = self._users.locked_security_epoch(user_id)
        self._users.raise_security_epoch(user_id, epoch)
        self._session.execute(HOLD, {"the_id": user_id, "now": self._clock.now()})
        self._events.record(user_id, NotMeSaid())

    def lift(self, identity: Identity) -> None:
        # A hold that was set a moment ago has ended this session, and must not be lifted by it.
        if self._users.locked_security_epoch(identity.user_id) != identity.security_epoch:
            raise AccountChanged
        if identity.is_reduced:
            raise StrongerFactorNeeded
        if not hits_one(self._session, LIFT, {"the_id": identity.user_id}):
            raise NothingHeld
        self._events.record(identity.user_id, HoldLifted())

    def is_held(self, user_id: UUID) -> bool:
        return bool(self._session.scalar(IS_HELD, {"the_id": user_id}))
