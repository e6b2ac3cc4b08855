"""Spent challenges are forgotten once they could not be answered any more."""

from datetime import timedelta

from pyramid.request import Request
from sqlalchemy import delete

from warehouse_mfa.clock import IClock
from warehouse_mfa.webauthn.models import SpentChallenge

# Should the clock step back, a challenge forgotten too early would be new again.
KEPT = timedelta(days=1)


def purge(request: Request) -> None:
    """Delete the nonces of challenges that ended a day ago."""
    before = request.find_service(IClock).now() - KEPT
    request.db.execute(delete(SpentChallenge).where(SpentChallenge.expires_at < before))
