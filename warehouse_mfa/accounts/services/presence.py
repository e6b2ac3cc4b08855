"""Where somebody is logged in, and which browsers are known; and ending either."""

from datetime import timedelta
from typing import Any, Self
from uuid import UUID

from pyramid.request import Request
from sqlalchemy import Delete, Select, and_, bindparam, delete, select
from zope.interface import implementer

from warehouse_mfa import crypto
from warehouse_mfa.accounts.interfaces import (
    DeviceForgotten,
    DevicePage,
    IPresenceService,
    ListedDevice,
    ListedSession,
    OneSessionEnded,
    OtherSessionsEnded,
)
from warehouse_mfa.authz import Identity, idle_of
from warehouse_mfa.clock import IClock
from warehouse_mfa.db import Session as DatabaseSession
from warehouse_mfa.db import rows_hit, table_of
from warehouse_mfa.events.interfaces import Circumstances, IEventService
from warehouse_mfa.sessions.interfaces import ISessionCookies
from warehouse_mfa.sessions.models import KnownDevice, RememberedDevice, Session

MOST_DEVICES = 20  # on one page

SESSIONS, DEVICES = table_of(Session), table_of(KnownDevice)
REMEMBERED = table_of(RememberedDevice)
LIVE = (
    SESSIONS.c.user_id == bindparam("the_user"),
    SESSIONS.c.security_epoch == bindparam("epoch"),
    SESSIONS.c.expires_at > bindparam("now"),
    SESSIONS.c.last_seen_at > bindparam("idle_since"),
)
LIST_SESSIONS = (
    select(
        SESSIONS.c.family_id,
        SESSIONS.c.factor,
        SESSIONS.c.created_at,
        SESSIONS.c.last_seen_at,
        SESSIONS.c.address,
        SESSIONS.c.agent,
    )
    .where(*LIVE)
    .order_by(SESSIONS.c.last_seen_at.desc(), SESSIONS.c.id.desc())
)
END = delete(SESSIONS).where(*LIVE, SESSIONS.c.family_id == bindparam("family"))
END_OTHERS = delete(SESSIONS).where(*LIVE, SESSIONS.c.family_id != bindparam("family"))
FORGET = delete(DEVICES).where(
    DEVICES.c.id == bindparam("the_id"), DEVICES.c.user_id == bindparam("the_user")
)


def _devices(*conditions: Any) -> Select[Any]:
    return (
        select(
            DEVICES.c.id,
            DEVICES.c.created_at,
            DEVICES.c.last_used_at,
            DEVICES.c.address,
            DEVICES.c.agent,
            (DEVICES.c.digest == bindparam("digest")).label("is_this"),
            REMEMBERED.c.expires_at.label("remembered_until"),
        )
        .outerjoin(
            REMEMBERED,
            and_(
                REMEMBERED.c.device_id == DEVICES.c.id,
                REMEMBERED.c.security_epoch == bindparam("epoch"),
                REMEMBERED.c.expires_at > bindparam("now"),
            ),
        )
        .where(
            DEVICES.c.user_id == bindparam("the_user"),
            DEVICES.c.expires_at > bindparam("now"),
            *conditions,
        )
        .order_by(DEVICES.c.id.desc())
        .limit(MOST_DEVICES + 1)
    )


NEWEST_DEVICES = _devices()
DEVICES_BEFORE = _devices(DEVICES.c.id < bindparam("before"))


@implementer(IPresenceService)
class PresenceService:
    def __init__(
        self,
        session: DatabaseSession,
        clock: IClock,
        cookies: ISessionCookies,
        events: IEventService,
        idle: timedelta,
    ) -> None:
        """`idle` is how long a session lives that nobody uses."""
        self._session = session
        self._clock = clock
        self._cookies = cookies
        self._events = events
        self._idle = idle

    @classmethod
    def create(cls, context: object, request: Request) -> Self:
        return cls(
            request.db,
            request.find_service(IClock),
            request.find_service(ISessionCookies),
            request.find_service(IEventService),
            request.registry["settings"].session_idle,
        )

    def sessions(self, identity: Identity) -> list[ListedSession]:
        return [
            ListedSession(
                family_id=row.family_id,
                factor=row.factor,
                started_at=row.created_at,
                last_seen_at=row.last_seen_at,
                address=row.address,
                browser=_browser(row.agent),
                is_this=row.family_id == identity.family_id,
            )
            for row in self._session.execute(LIST_SESSIONS, self._live(identity))
        ]

    def end(self, identity: Identity, family_id: UUID) -> None:
        if self._ended(END, identity, family_id):
            self._events.record(identity.user_id, OneSessionEnded())

    def end_others(self, identity: Identity) -> int:
        ended = self._ended(END_OTHERS, identity, identity.family_id)
        if ended:
            self._events.record(identity.user_id, OtherSessionsEnded(ended))
        return ended

    def devices(self, identity: Identity, before: UUID | None = None) -> DevicePage:
        secret = self._cookies.device_secret()
        values: dict[str, Any] = {
            "the_user": identity.user_id,
            "epoch": identity.security_epoch,
            "now": self._clock.now(),
            "digest": crypto.digest(secret or b""),
        }
        statement = NEWEST_DEVICES
        if before is not None:
            statement, values = DEVICES_BEFORE, {**values, "before": before}
        rows = self._session.execute(statement, values).all()
        shown = tuple(
            ListedDevice(
                id=row.id,
                known_since=row.created_at,
                last_used_at=row.last_used_at,
                address=row.address,
                browser=_browser(row.agent),
                is_this=bool(row.is_this),
                remembered_until=row.remembered_until,
            )
            for row in rows[:MOST_DEVICES]
        )
        return DevicePage(shown, shown[-1].id if len(rows) > MOST_DEVICES else None)

    def forget(self, identity: Identity, device_id: UUID) -> None:
        if rows_hit(self._session, FORGET, {"the_user": identity.user_id, "the_id": device_id}):
            self._events.record(identity.user_id, DeviceForgotten())

    def _ended(self, statement: Delete, identity: Identity, family_id: UUID | None) -> int:
        return rows_hit(self._session, statement, {**self._live(identity), "family": family_id})

    def _live(self, identity: Identity) -> dict[str, Any]:
        now = self._clock.now()
        return {
            "the_user": identity.user_id,
            "epoch": identity.security_epoch,
            "now": now,
            "idle_since": now - idle_of(identity.is_superuser, self._idle),
        }


def _browser(agent: str | None) -> Any:
    return Circumstances(None, None, None, None, agent).browser if agent else None
