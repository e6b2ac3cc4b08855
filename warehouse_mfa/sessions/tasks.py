"""What is over is deleted now and then."""

from pyramid.request import Request
from sqlalchemy import delete

from warehouse_mfa.clock import IClock
from warehouse_mfa.sessions.models import KnownDevice, RememberedDevice, Session


def purge(request: Request) -> None:
    """Delete sessions and devices whose time is over."""
    now = request.find_service(IClock).now()
    for table in (Session, KnownDevice, RememberedDevice):
        request.db.execute(delete(table).where(table.expires_at <= now))
