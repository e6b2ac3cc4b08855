"""What people get to read of their security keys and passkeys."""

from warehouse_mfa.db import table_of
from warehouse_mfa.personal_data import rows_of
from warehouse_mfa.webauthn.models import WebAuthnCredential

SECTIONS = {
    "keys_and_passkeys": rows_of(
        table_of(WebAuthnCredential),
        "id",
        "label",
        "is_passkey",
        "credential_id",
        "public_key",
        "sign_count",
        "transports",
        "aaguid",
        "is_backup_eligible",
        "is_backed_up",
        "is_user_verified",
        "created_at",
        "last_used_at",
        "suspended_at",
    )
}
