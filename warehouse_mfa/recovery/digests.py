"""The digests of recovery codes as rows that hang on keys: they cannot move to another one."""

from typing import Self

from pyramid.request import Request
from sqlalchemy import delete, select
from zope.interface import implementer

from warehouse_mfa.db import Session, table_of
from warehouse_mfa.events.interfaces import IEventService
from warehouse_mfa.keys.interfaces import IKeyedTable
from warehouse_mfa.keys.rows import KeyedRows
from warehouse_mfa.recovery.interfaces import RecoveryCodesRevoked
from warehouse_mfa.recovery.models import RecoveryCode

CODES = table_of(RecoveryCode)


@implementer(IKeyedTable)
class RecoveryCodeDigests(KeyedRows):
    def __init__(self, session: Session, events: IEventService) -> None:
        super().__init__(session, CODES)
        self._events = events

    @classmethod
    def create(cls, context: object, request: Request) -> Self:
        return cls(request.db, request.find_service(IEventService))

    def revoke(self, key_id: str, most: int) -> int:
        """Delete the codes of some accounts, each with one event."""
        held = select(CODES.c.user_id).where(CODES.c.key_id == key_id).distinct().limit(most)
        revoked = 0
        for user_id in self._session.scalars(held).all():
            drop = (
                delete(CODES)
                .where(CODES.c.user_id == user_id, CODES.c.key_id == key_id)
                .returning(CODES.c.id)
            )
            revoked += len(self._session.scalars(drop).all())
            self._events.record(user_id, RecoveryCodesRevoked())
        return revoked
