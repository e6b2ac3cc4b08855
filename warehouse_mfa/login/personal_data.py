"""What people get to read of logins and acts that wait: for a factor, or for an approval."""

from warehouse_mfa.db import table_of
from warehouse_mfa.login.models import AskedActRow, HeldLoginRow, LostRequest, PendingLoginRow
from warehouse_mfa.personal_data import rows_of

SECTIONS = {
    "requests_for_help": rows_of(
        table_of(LostRequest),
        "id",
        "typed_name",
        "address",
        "statement",
        "is_password_right",
        "is_own_address",
        "client",
        "created_at",
        "confirmed_at",
        "withdrawn_at",
    ),
    "pending_logins": rows_of(
        table_of(PendingLoginRow),
        "id",
        "typed_name",
        "next",
        "created_at",
        "expires_at",
        "completed_at",
    ),
    "asked_acts": rows_of(
        table_of(AskedActRow),
        "id",
        "action",
        "target",
        "facts",
        "asked_at",
        "expires_at",
        "confirmed_at",
    ),
    "held_logins": rows_of(
        table_of(HeldLoginRow),
        "id",
        "factor",
        "credential",
        "is_to_remember",
        "next",
        "address",
        "agent",
        "created_at",
        "expires_at",
        "mailed_at",
        "approved_at",
        "refused_at",
        "completed_at",
    ),
}
