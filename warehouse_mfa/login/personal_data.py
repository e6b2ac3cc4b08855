"""What people get to read of logins that wait for their second factor."""

from warehouse_mfa.db import table_of
from warehouse_mfa.login.models import PendingLoginRow
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
    )
}
