"""What both ceremonies ask for alike."""

from typing import Any

from webauthn.helpers import bytes_to_base64url

from warehouse_mfa.webauthn.ceremony.values import KnownCredential

TIMEOUT_MS = 300_000


def descriptor(credential: KnownCredential) -> dict[str, Any]:
    """Return a PublicKeyCredentialDescriptorJSON. §5.8.3; py_webauthn knows fewer transports."""
    described: dict[str, Any] = {"type": "public-key", "id": bytes_to_base64url(credential.id)}
    if credential.transports:
        described["transports"] = list(credential.transports)
    return described
