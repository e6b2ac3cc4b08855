"""After a restored backup no link that was mailed works."""

from pyramid.request import Request
from sqlalchemy import update

from warehouse_mfa.clock import IClock
from warehouse_mfa.db import rows_hit
from warehouse_mfa.mail.models import MailedToken


def void_links(request: Request) -> int:
    """Use every link up: one that was used since the backup must not work again."""
    now = request.find_service(IClock).now()
    unused = update(MailedToken).where(MailedToken.used_at.is_(None), MailedToken.expires_at > now)
    return rows_hit(request.db, unused.values(used_at=now))
