"""What nobody verified lapses."""

from datetime import timedelta

from pyramid.request import Request
from sqlalchemy import delete

from warehouse_mfa.accounts.interfaces import AccountLapsed, EmailLapsed
from warehouse_mfa.accounts.models import Email, User
from warehouse_mfa.clock import IClock
from warehouse_mfa.events.interfaces import IEventService

UNVERIFIED_LIFE = timedelta(days=7)


def lapse(request: Request) -> None:
    """Delete claims of addresses, and accounts, that nobody verified in seven days."""
    before = request.find_service(IClock).now() - UNVERIFIED_LIFE
    events = request.find_service(IEventService)
    accounts = request.db.execute(
        delete(User)
        .where(User.verified_at.is_(None), User.created_at < before)
        .returning(User.id, User.username)
    )
    for user_id, username in accounts:
        events.record(user_id, AccountLapsed(username))
    # After the accounts, whose claims went with them.
    claims = request.db.execute(
        delete(Email)
        .where(Email.verified_at.is_(None), Email.created_at < before)
        .returning(Email.user_id, Email.id, Email.address)
    )
    for user_id, email_id, address in claims:
        events.record(user_id, EmailLapsed(str(email_id), address))
