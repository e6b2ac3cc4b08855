"""After a restored backup nobody is logged in, and no browser is known."""

from pyramid.request import Request
from sqlalchemy import delete

from warehouse_mfa.db import rows_hit
from warehouse_mfa.sessions.models import KnownDevice, Session


def end_sessions(request: Request) -> int:
    """End every session: one that was ended since the backup must not live again."""
    return rows_hit(request.db, delete(Session))


def forget_devices(request: Request) -> int:
    """Forget every browser; the next login from each is told as one from a new device."""
    return rows_hit(request.db, delete(KnownDevice))
