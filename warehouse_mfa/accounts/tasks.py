"""What nobody verified lapses, and what was recorded of a deleted account too late is erased."""

from datetime import timedelta

from pyramid.request import Request
from sqlalchemy import delete, select

from warehouse_mfa.accounts.interfaces import AccountLapsed, EmailLapsed
from warehouse_mfa.accounts.models import Email, RetiredName, User
from warehouse_mfa.clock import IClock
from warehouse_mfa.events.interfaces import IErasureService, IEventService

UNVERIFIED_LIFE = timedelta(days=7)
LATE = timedelta(days=1)


def lapse(request: Request) -> None:
    """Delete claims of addresses, and accounts, that nobody verified in seven days."""
    before = request.find_service(IClock).now() - UNVERIFIED_LIFE
    events = request.find_service(IEventService)
    erasure = request.find_service(IErasureService)
    accounts = request.db.execute(
        delete(User)
        .where(User.verified_at.is_(None), User.created_at < before)
        .returning(User.id, User.username)
    )
    for user_id, username in accounts:
        events.record(user_id, AccountLapsed(username))
        # Whoever registered may have given the address of somebody else, who never heard of it.
        erasure.erase(user_id)
    # After the accounts, whose claims went with them.
    claims = request.db.execute(
        delete(Email)
        .where(Email.verified_at.is_(None), Email.created_at < before)
        .returning(Email.user_id, Email.id, Email.address)
    )
    for user_id, email_id, address in claims:
        events.record(user_id, EmailLapsed(str(email_id), address))


def erase(request: Request) -> None:
    """Erase what events say of accounts that were deleted since yesterday.

    A request that was under way when an account was deleted records what it does afterwards.
    """
    since = request.find_service(IClock).now() - LATE
    erasure = request.find_service(IErasureService)
    retired = select(RetiredName.former_id).where(RetiredName.retired_at > since)
    for (former_id,) in request.db.execute(retired).all():
        erasure.erase(former_id)
