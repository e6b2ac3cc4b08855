"""Counters that say nothing any more are deleted now and then."""

from pyramid.request import Request
from sqlalchemy import and_, delete, or_

from warehouse_mfa.clock import IClock
from warehouse_mfa.rate_limiting.models import AttemptCounter
from warehouse_mfa.rate_limiting.services.delays import SECONDS


def purge(request: Request) -> None:
    """Delete counters whose window is over; full ones are remembered for a day."""
    now = int(request.find_service(IClock).now().timestamp())
    is_full = AttemptCounter.count >= AttemptCounter.allowed
    is_over = and_(
        AttemptCounter.ends <= now,
        or_(~is_full, AttemptCounter.ends <= now - SECONDS),
    )
    request.db.execute(delete(AttemptCounter).where(is_over))
