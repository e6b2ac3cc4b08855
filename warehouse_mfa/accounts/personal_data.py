"""What people get to read of their account, its addresses, and the mails that went to these."""

from sqlalchemy import bindparam, select

from warehouse_mfa.accounts.models import Email, User
from warehouse_mfa.db import table_of
from warehouse_mfa.mail.models import Mail, MailedToken
from warehouse_mfa.personal_data import rows_of

EMAILS, MAILS = table_of(Email), table_of(Mail)

SECTIONS = {
    "account": rows_of(
        table_of(User),
        "id",
        "username",
        "name",
        "locale",
        "time_zone",
        "is_superuser",
        "created_at",
        "verified_at",
        "frozen_at",
        "publishing_held_at",
        "probation_since",
        "probation_until",
        "probation_cause",
        "password_breached_at",
        "user_handle",
        owner="id",
    ),
    "email_addresses": rows_of(
        EMAILS, "id", "address", "is_primary", "is_public", "created_at", "verified_at"
    ),
    # Without what they say: links in them work.
    "mails": select(
        MAILS.c.id,
        MAILS.c.recipient,
        MAILS.c.subject,
        MAILS.c.created_at,
        MAILS.c.sent_at,
        MAILS.c.failed_at,
    )
    .join(EMAILS, EMAILS.c.address == MAILS.c.recipient)
    .where(EMAILS.c.user_id == bindparam("user_id"), EMAILS.c.verified_at.is_not(None))
    .order_by(MAILS.c.id),
    "mailed_links": rows_of(
        table_of(MailedToken), "id", "purpose", "created_at", "expires_at", "used_at"
    ),
}
