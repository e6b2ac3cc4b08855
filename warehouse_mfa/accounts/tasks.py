"""What nobody verified lapses."""

from datetime import timedelta

from pyramid.request import Request
from sqlalchemy import delete

from warehouse_mfa.accounts.models import Email, User
from warehouse_mfa.clock import IClock

UNVERIFIED_LIFE = timedelta(days=7)


def lapse(request: Request) -> None:
    """Delete claims of addresses, and accounts, that nobody verified in seven days."""
    before = request.find_service(IClock).now() - UNVERIFIED_LIFE
    request.db.execute(delete(User).where(User.verified_at.is_(None), User.created_at < before))
    request.db.execute(delete(Email).where(Email.verified_at.is_(None), Email.created_at < before))
