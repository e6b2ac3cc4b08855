"""Starting, renewing and ending sessions."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Self
from uuid import UUID

from pyramid.request import Request
from sqlalchemy import bindparam, delete, insert, select, update
from zope.interface import implementer

from warehouse_mfa import crypto
from warehouse_mfa.clock import IClock
from warehouse_mfa.db import Session as DatabaseSession
from warehouse_mfa.db import new_id, rows_hit, table_of
from warehouse_mfa.entropy import IEntropy
from warehouse_mfa.sessions.interfaces import (
    ISessionService,
    SessionEnded,
    StartedSession,
)
from warehouse_mfa.sessions.models import Session
from warehouse_mfa.sessions.services.place import SECRET_BYTES, place_of

MOST_SESSIONS = 20
SESSIONS = table_of(Session)
START = insert(SESSIONS)
END = delete(SESSIONS).where(
    SESSIONS.c.user_id == bindparam("the_user"), SESSIONS.c.family_id == bindparam("the_family")
)
# Before another one starts, which is used last.
END_LONGEST_UNUSED = delete(SESSIONS).where(
    SESSIONS.c.user_id == bindparam("the_user"),
    SESSIONS.c.id.in_(
        select(SESSIONS.c.id)
        .where(SESSIONS.c.user_id == bindparam("the_user"))
        .order_by(SESSIONS.c.last_seen_at.desc(), SESSIONS.c.id.desc())
        .offset(MOST_SESSIONS - 1)
        .scalar_subquery()
    ),
)


@implementer(ISessionService)
class SessionService:
    def __init__(
        self,
        session: DatabaseSession,
        clock: IClock,
        entropy: IEntropy,
        lifetime: timedelta,
        place: Mapping[str, str | None],
    ) -> None:
        """`place` has the address and the agent of who asks, as columns."""
        self._session = session
        self._clock = clock
        self._entropy = entropy
        self._lifetime = lifetime
        self._place = place

    @classmethod
    def create(cls, context: object, request: Request) -> Self:
        return cls(
            request.db,
            request.find_service(IClock),
            request.find_service(IEntropy),
            request.registry["settings"].session_lifetime,
            place_of(request),
        )

    def start(
        self,
        user_id: UUID,
        security_epoch: int,
        *,
        factor: str | None,
        is_reduced: bool = False,
        is_proved: bool = True,
        factor_at: datetime | None = None,
    ) -> StartedSession:
        now = self._clock.now()
        started = StartedSession(new_id(), new_id(), self._entropy.token_bytes(SECRET_BYTES))
        self._session.defer(END_LONGEST_UNUSED, {"the_user": user_id})
        self._session.defer(
            START,
            {
                "id": started.id,
                "digest": crypto.digest(started.secret),
                "family_id": started.family_id,
                "user_id": user_id,
                "security_epoch": security_epoch,
                "factor": factor,
                "factor_at": (factor_at or now) if factor and is_proved else None,
                "is_reduced": is_reduced,
                "created_at": now,
                "last_seen_at": now,
                "expires_at": now + self._lifetime,
                **self._place,
            },
        )
        return started

    def renew(
        self, session_id: UUID, security_epoch: int, *, factor: str | None, is_reduced: bool = False
    ) -> StartedSession:
        now = self._clock.now()
        new, secret = new_id(), self._entropy.token_bytes(SECRET_BYTES)
        values: dict[str, object] = {
            "id": new,
            "digest": crypto.digest(secret),
            "security_epoch": security_epoch,
            "last_seen_at": now,
        }
        if factor is not None:
            values |= {"factor": factor, "factor_at": now, "is_reduced": is_reduced}
        family_id = self._session.execute(
            update(SESSIONS)
            .where(SESSIONS.c.id == session_id, SESSIONS.c.expires_at > now)
            .values(**values)
            .returning(SESSIONS.c.family_id)
        ).scalar_one_or_none()
        if family_id is None:
            raise SessionEnded
        return StartedSession(new, family_id, secret)

    def end(self, user_id: UUID, family_id: UUID) -> int:
        return rows_hit(self._session, END, {"the_user": user_id, "the_family": family_id})

    def touch(self, session_id: UUID, address: str | None) -> None:
        self._session.execute(
            update(SESSIONS)
            .where(SESSIONS.c.id == session_id)
            .values(last_seen_at=self._clock.now(), address=address)
        )
