"""Recording events."""

from collections.abc import Callable
from dataclasses import asdict, fields
from functools import cache
from typing import Any, Self
from uuid import UUID

from pyramid.request import Request
from sqlalchemy import TextClause, Uuid, bindparam, insert, text
from zope.interface import implementer

from warehouse_mfa.clock import IClock
from warehouse_mfa.db import Session, new_id, table_of
from warehouse_mfa.entropy import IEntropy
from warehouse_mfa.events.interfaces import (
    Circumstances,
    Event,
    IEventListener,
    IEventService,
    Personal,
    Recorded,
)
from warehouse_mfa.events.models import EventRow

SALT_BYTES = 16
LONGEST_PRIVATE = 512
INSERT_EVENT = insert(table_of(EventRow))


@cache
def _insert_private(fields: int) -> TextClause:
    """Return one statement for so many fields: drivers send `executemany` a row at a time.

    As text, because SQLAlchemy compiles several rows of values anew at every execution.
    """
    rows = ", ".join(f"(:event_id, :field_{i}, :value_{i}, :salt_{i})" for i in range(fields))
    statement = f"INSERT INTO event_private (event_id, field, value, salt) VALUES {rows}"  # noqa: S608
    return text(statement).bindparams(bindparam("event_id", type_=Uuid()))


@cache
def _personal_fields(event: Any) -> tuple[str, ...]:
    """Return the names of an event class's fields that are kept apart."""
    return tuple(one.name for one in fields(event) if one.type == Personal)


@implementer(IEventService)
class EventService:
    def __init__(
        self,
        session: Session,
        clock: IClock,
        entropy: IEntropy,
        circumstances: Callable[[], Circumstances],
        listeners_of: Callable[[str], list[IEventListener]],
    ) -> None:
        """`circumstances` is asked when something is recorded: by then the request knows who asks."""
        self._session = session
        self._clock = clock
        self._entropy = entropy
        self._circumstances = circumstances
        self._listeners_of = listeners_of

    @classmethod
    def create(cls, context: object, request: Request) -> Self:
        return cls(
            request.db,
            request.find_service(IClock),
            request.find_service(IEntropy),
            lambda: _circumstances(request),
            lambda tag: [
                create(None, request)
                for create, tags in request.registry["event_listeners"]
                if tag in tags
            ],
        )

    def record(
        self,
        subject_id: UUID | None,
        event: Event,
        *,
        actor_id: UUID | None = None,
        session_id: UUID | None = None,
        factor: str | None = None,
        address: str | None = None,
    ) -> Recorded:
        around = self._circumstances()
        # Somebody may act for one account in a browser that is logged in to another.
        is_own = actor_id in (None, around.actor_id)
        around = Circumstances(
            actor_id=actor_id or around.actor_id,
            session_id=session_id or (around.session_id if is_own else None),
            factor=factor or (around.factor if is_own else None),
            address=address or around.address,
            agent=around.agent,
        )
        recorded = Recorded(new_id(), subject_id, event, self._clock.now(), around)
        self._write(recorded)
        for listener in self._listeners_of(event.tag):
            listener.heard(recorded)
        return recorded

    def _write(self, recorded: Recorded) -> None:
        around, facts = recorded.circumstances, asdict(recorded.event)
        kind: Any = type(recorded.event)
        private = {name: facts.pop(name) for name in _personal_fields(kind)}
        private |= {"address": around.address, "agent": around.agent}
        self._session.defer(
            INSERT_EVENT,
            {
                "id": recorded.id,
                "tag": recorded.event.tag,
                "happened_at": recorded.happened_at,
                "subject_id": recorded.subject_id,
                "actor_id": around.actor_id,
                "session_id": around.session_id,
                "factor": around.factor,
                "facts": facts,
            },
        )
        known = [(field, value) for field, value in private.items() if value is not None]
        if not known:
            return
        values: dict[str, object] = {"event_id": recorded.id}
        for i, (field, value) in enumerate(known):
            values |= {
                f"field_{i}": field,
                f"value_{i}": value[:LONGEST_PRIVATE],
                f"salt_{i}": self._entropy.token_bytes(SALT_BYTES),
            }
        self._session.defer(_insert_private(len(known)), values)


def _circumstances(request: Request) -> Circumstances:
    identity = request.identity
    return Circumstances(
        actor_id=identity.user_id if identity else None,
        session_id=identity.session_id if identity else None,
        factor=identity.factor if identity else None,
        address=request.remote_addr,
        agent=request.agent,
    )
