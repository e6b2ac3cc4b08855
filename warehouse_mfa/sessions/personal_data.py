"""What people get to read of their sessions and browsers."""

from warehouse_mfa.db import table_of
from warehouse_mfa.personal_data import rows_of
from warehouse_mfa.sessions.models import KnownDevice, RememberedDevice, Session

SECTIONS = {
    "sessions": rows_of(
        table_of(Session),
        "id",
        "factor",
        "factor_at",
        "is_reduced",
        "created_at",
        "last_seen_at",
        "expires_at",
        "address",
        "agent",
    ),
    "known_browsers": rows_of(
        table_of(KnownDevice), "id", "created_at", "last_used_at", "expires_at", "address", "agent"
    ),
    "remembered_browsers": rows_of(
        table_of(RememberedDevice), "id", "device_id", "factor", "created_at", "expires_at"
    ),
}
