"""Requests for reset links are answered; pending logins and asked acts are forgotten a day after
their end.
"""

from datetime import timedelta

from pyramid.request import Request
from sqlalchemy import and_, delete, or_

from warehouse_mfa.clock import IClock
from warehouse_mfa.login.interfaces import ILostService, IResetRequestService
from warehouse_mfa.login.models import AskedActRow, HeldLoginRow, LostRequest, PendingLoginRow

KEPT = timedelta(days=1)
LOSS_KEPT = timedelta(days=90)


def answer_reset_requests(request: Request) -> None:
    """Mail the reset links that were asked for."""
    request.find_service(IResetRequestService).answer()


def answer_lost_requests(request: Request) -> None:
    """Mail who asked for help the link that shows their mailbox."""
    request.find_service(ILostService).answer()


def purge(request: Request) -> None:
    """Delete logins and acts that ended a day ago, and requests for help that nobody waits for."""
    before = request.find_service(IClock).now() - KEPT
    for row in (PendingLoginRow, HeldLoginRow, AskedActRow):
        request.db.execute(delete(row).where(row.expires_at < before))
    unconfirmed = and_(LostRequest.confirmed_at.is_(None), LostRequest.created_at < before - KEPT)
    oldest = LostRequest.created_at < before - LOSS_KEPT
    request.db.execute(delete(LostRequest).where(or_(unconfirmed, oldest)))
