"""After a restored backup every login begins with the password."""

from pyramid.request import Request
from sqlalchemy import delete

from warehouse_mfa.db import rows_hit
from warehouse_mfa.login.models import HeldLoginRow, LostRequest, PendingLoginRow, ResetRequest


def end_pending_logins(request: Request) -> int:
    """End every pending login: one that was completed since the backup must not be so again."""
    return rows_hit(request.db, delete(PendingLoginRow))


def forget_reset_requests(request: Request) -> int:
    """Forget who asked for a link before the backup: some were answered since."""
    return rows_hit(request.db, delete(ResetRequest))


def forget_lost_requests(request: Request) -> int:
    """Forget requests for help of before the backup: some were withdrawn since."""
    return rows_hit(request.db, delete(LostRequest).where(LostRequest.withdrawn_at.is_(None)))


def end_held_logins(request: Request) -> int:
    """End every login that waits for an approval."""
    return rows_hit(request.db, delete(HeldLoginRow))
