"""Counters whose window is over are deleted now and then."""

from pyramid.request import Request
from sqlalchemy import delete

from warehouse_mfa.clock import IClock
from warehouse_mfa.rate_limiting.models import AttemptCounter


def purge(request: Request) -> None:
    """Delete counters whose window is over."""
    now = int(request.find_service(IClock).now().timestamp())
    request.db.execute(delete(AttemptCounter).where(AttemptCounter.ends <= now))
