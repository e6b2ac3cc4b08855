"""After a restored backup no code that may have been shown until now is taken."""

from pyramid.request import Request
from sqlalchemy import update

from warehouse_mfa.clock import IClock
from warehouse_mfa.db import rows_hit
from warehouse_mfa.totp import algorithm
from warehouse_mfa.totp.models import TOTPApplication


def spend_steps(request: Request) -> int:
    """Spend every step that is accepted now: which of them were spent since, nobody knows."""
    last = algorithm.step_at(request.find_service(IClock).now()) + max(algorithm.DRIFT_STEPS)
    unspent = update(TOTPApplication).where(TOTPApplication.last_step < last)
    return rows_hit(request.db, unspent.values(last_step=last))
