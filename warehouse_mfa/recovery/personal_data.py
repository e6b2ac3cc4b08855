"""What people get to read of their recovery codes, which are not kept themselves."""

from warehouse_mfa.db import table_of
from warehouse_mfa.personal_data import rows_of
from warehouse_mfa.recovery.models import RecoveryCode

SECTIONS = {
    "recovery_codes": rows_of(
        table_of(RecoveryCode), "id", "created_at", "proved_at", "redeemed_at"
    )
}
