"""What people get to read of their authenticator applications."""

from warehouse_mfa.db import table_of
from warehouse_mfa.personal_data import rows_of
from warehouse_mfa.totp.models import TOTPApplication

SECTIONS = {
    "authenticator_apps": rows_of(
        table_of(TOTPApplication), "id", "label", "created_at", "last_used_at"
    )
}
