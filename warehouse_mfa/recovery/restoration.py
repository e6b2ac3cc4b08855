"""What a restored backup must not revive: codes that were redeemed after it was made."""

from pyramid.request import Request
from sqlalchemy import delete

from warehouse_mfa.db import table_of
from warehouse_mfa.events.interfaces import IEventService
from warehouse_mfa.recovery.interfaces import RecoveryCodesRevoked
from warehouse_mfa.recovery.models import RecoveryCode

CODES = table_of(RecoveryCode)


def revoke_codes(request: Request) -> int:
    """Delete every code, since nobody can say which were used, and tell their owners."""
    events: IEventService = request.find_service(IEventService)
    revoked = request.db.scalars(delete(CODES).returning(CODES.c.user_id)).all()
    for user_id in sorted(set(revoked)):
        events.record(user_id, RecoveryCodesRevoked())
    return len(revoked)
