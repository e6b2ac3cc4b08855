"""The probation of an account: three columns of its row.

    none --cause--> on until a time --that time, or a factor of long standing--> none

A cause while it is on makes it last longer, never shorter. What ends it early must have stood before the
latest cause, so that a thief does not end it with what they added.
"""

from datetime import datetime, timedelta
from typing import Self
from uuid import UUID

from pyramid.request import Request
from sqlalchemy import bindparam, or_, update
from zope.interface import implementer

from warehouse_mfa.accounts.interfaces import (
    LONG_STANDING,
    IProbationService,
    ProbationEnded,
)
from warehouse_mfa.accounts.models import User
from warehouse_mfa.authz import Cause
from warehouse_mfa.clock import IClock
from warehouse_mfa.db import Session, hits_one, table_of
from warehouse_mfa.events.interfaces import IEventService

USERS = table_of(User)
THIS = USERS.c.id == bindparam("the_id")
BEGIN = (
    update(USERS)
    .where(
        THIS,
        or_(USERS.c.probation_until.is_(None), USERS.c.probation_until < bindparam("until")),
    )
    .values(
        probation_since=bindparam("now"),
        probation_until=bindparam("until"),
        probation_cause=bindparam("cause"),
    )
)
END_EARLY = (
    update(USERS)
    .where(
        THIS,
        USERS.c.probation_until > bindparam("now"),
        USERS.c.probation_since >= bindparam("stood_at"),
    )
    .values(probation_until=None)
)


@implementer(IProbationService)
class ProbationService:
    def __init__(
        self, session: Session, clock: IClock, events: IEventService, lasts: timedelta
    ) -> None:
        self._session = session
        self._clock = clock
        self._events = events
        self._lasts = lasts

    @classmethod
    def create(cls, context: object, request: Request) -> Self:
        return cls(
            request.db,
            request.find_service(IClock),
            request.find_service(IEventService),
            request.registry["settings"].probation,
        )

    def begin(self, user_id: UUID, cause: Cause) -> None:
        if not self._lasts:
            return
        now = self._clock.now()
        self._session.execute(
            BEGIN,
            {"the_id": user_id, "now": now, "until": now + self._lasts, "cause": cause.value},
        )

    def end_early(self, user_id: UUID, *, added_at: datetime, label: str) -> None:
        values = {
            "the_id": user_id,
            "now": self._clock.now(),
            "stood_at": added_at + LONG_STANDING,
        }
        if hits_one(self._session, END_EARLY, values):
            self._events.record(user_id, ProbationEnded(label), actor_id=user_id)
