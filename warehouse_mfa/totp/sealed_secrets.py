"""The secrets of applications as rows that hang on keys: sealed, moved, revoked."""

from itertools import groupby
from operator import attrgetter
from typing import Any, Self
from uuid import UUID

from pyramid.request import Request
from sqlalchemy import select, update
from zope.interface import implementer

from warehouse_mfa.accounts.interfaces import IUserService
from warehouse_mfa.crypto import IKeyRing
from warehouse_mfa.db import Session, hits_one, table_of
from warehouse_mfa.events.interfaces import IEventService
from warehouse_mfa.keys.interfaces import NO_KEY, ISealedTable
from warehouse_mfa.keys.rows import SealedRows
from warehouse_mfa.totp.interfaces import TOTPRevoked
from warehouse_mfa.totp.models import TOTPApplication

PURPOSE = "totp"
APPLICATIONS = table_of(TOTPApplication)


def identity_of_row(application_id: UUID, user_id: UUID) -> bytes:
    """Return what the secret is bound to, so that it cannot be moved to another row or account."""
    return application_id.bytes + user_id.bytes


@implementer(ISealedTable)
class TOTPSecrets(SealedRows):
    def __init__(
        self, session: Session, keys: IKeyRing, users: IUserService, events: IEventService
    ) -> None:
        super().__init__(
            session,
            APPLICATIONS,
            keys,
            purpose=PURPOSE,
            sealed=APPLICATIONS.c.sealed_secret,
            bound_to=lambda row: identity_of_row(row.id, row.user_id),
        )
        self._users = users
        self._events = events

    @classmethod
    def create(cls, context: object, request: Request) -> Self:
        return cls(
            request.db,
            request.find_service(IKeyRing),
            request.find_service(IUserService),
            request.find_service(IEventService),
        )

    def revoke(self, key_id: str, most: int) -> int:
        """Empty the secrets. The rows stay: without any, a password alone would be a login."""
        applications = self._session.execute(
            select(APPLICATIONS.c.id, APPLICATIONS.c.user_id, APPLICATIONS.c.label)
            .where(APPLICATIONS.c.key_id == key_id)
            .order_by(APPLICATIONS.c.user_id, APPLICATIONS.c.id)
            .limit(most)
        ).all()
        for user_id, of_user in groupby(applications, attrgetter("user_id")):
            self._users.raise_security_epoch(user_id, self._users.locked_security_epoch(user_id))
            for application in of_user:
                self._revoke(application, key_id)
        return len(applications)

    def _revoke(self, application: Any, key_id: str) -> None:
        empty = (
            update(APPLICATIONS)
            .where(APPLICATIONS.c.id == application.id, APPLICATIONS.c.key_id == key_id)
            .values(sealed_secret=b"", key_id=NO_KEY)
        )
        if hits_one(self._session, empty):
            self._events.record(application.user_id, TOTPRevoked(application.label))
