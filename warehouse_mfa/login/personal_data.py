"""What people get to read of logins and acts that wait for a factor."""

from warehouse_mfa.db import table_of
from warehouse_mfa.login.models import AskedActRow, PendingLoginRow
from warehouse_mfa.personal_data import rows_of

SECTIONS = {
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
}
