"""Requests for reset links are answered; pending logins and asked acts are forgotten a day after
their end.
"""

from datetime import timedelta

from pyramid.request import Request
from sqlalchemy import delete

from warehouse_mfa.clock import IClock
from warehouse_mfa.login.interfaces import IResetRequestService
from warehouse_mfa.login.models import AskedActRow, PendingLoginRow

KEPT = timedelta(days=1)


def answer_reset_requests(request: Request) -> None:
    """Mail the reset links that were asked for."""
    request.find_service(IResetRequestService).answer()


def purge(request: Request) -> None:
    """Delete pending logins, and acts that waited to be confirmed, that ended a day ago."""
    before = request.find_service(IClock).now() - KEPT
    for row in (PendingLoginRow, AskedActRow):
        request.db.execute(delete(row).where(row.expires_at < before))
