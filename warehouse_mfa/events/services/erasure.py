"""Erasing what names a person, while the trail stays."""

from typing import Self
from uuid import UUID

from pyramid.request import Request
from sqlalchemy import bindparam, delete, select
from zope.interface import implementer

from warehouse_mfa.db import Session, table_of
from warehouse_mfa.events.interfaces import IErasureService
from warehouse_mfa.events.models import EventPrivate, EventRow

EVENTS, PRIVATE = table_of(EventRow), table_of(EventPrivate)
ERASE = delete(PRIVATE).where(
    PRIVATE.c.event_id.in_(
        select(EVENTS.c.id).where(EVENTS.c.subject_id == bindparam("the_subject"))
    )
)


@implementer(IErasureService)
class ErasureService:
    def __init__(self, session: Session) -> None:
        self._session = session

    @classmethod
    def create(cls, context: object, request: Request) -> Self:
        return cls(request.db)

    def erase(self, subject_id: UUID) -> None:
        self._session.execute(ERASE, {"the_subject": subject_id})
