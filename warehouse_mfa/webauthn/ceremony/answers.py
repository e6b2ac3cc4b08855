"""Reading the answer of a client: a credential as `toJSON()` writes it. §5.1."""

import base64
import binascii
import json
from typing import Any

from warehouse_mfa.webauthn.ceremony.values import CeremonyRefused

TRANSPORTS = ("ble", "hybrid", "internal", "nfc", "smart-card", "usb")  # L3 §5.8.4


def challenge_of(credential: dict[str, Any]) -> bytes:
    """Return the challenge that an answer says it answers. §5.8.1, `challenge`.

    :raises CeremonyRefused: when there is none; an empty one would match an empty expectation.
    """
    challenge = client_data_of(credential).get("challenge")
    if not isinstance(challenge, str) or not challenge:
        raise CeremonyRefused("no challenge")
    return from_base64url(challenge)


def credential_id_of(credential: dict[str, Any]) -> bytes:
    """Return the id of the credential that answers. §5.1, `rawId`."""
    raw_id = credential.get("rawId")
    if not isinstance(raw_id, str) or raw_id != credential.get("id"):
        raise CeremonyRefused("no credential id")
    return from_base64url(raw_id)


def signed_parts(credential: dict[str, Any]) -> tuple[bytes, bytes, bytes]:
    """Return client data, authenticator data and signature of an assertion, as sent. §5.2.2."""
    response = response_of(credential)
    client_data, authenticator_data, signature = (
        from_base64url(str(response.get(part)))
        for part in ("clientDataJSON", "authenticatorData", "signature")
    )
    return client_data, authenticator_data, signature


def check_not_framed(client_data: dict[str, Any]) -> None:
    """Refuse an answer made inside a frame: we are never framed. §7.1 and §7.2, crossOrigin."""
    if client_data.get("crossOrigin", False) is not False or "topOrigin" in client_data:
        raise CeremonyRefused("made inside a frame")


def is_discoverable(credential: dict[str, Any]) -> bool | None:
    """Return what the client says of it, `None` when it says nothing. §10.1.3, credProps.rk"""
    results = credential.get("clientExtensionResults")
    properties = results.get("credProps") if isinstance(results, dict) else None
    told = properties.get("rk") if isinstance(properties, dict) else None
    return told if isinstance(told, bool) else None


def transports_of(credential: dict[str, Any]) -> tuple[str, ...]:
    given = response_of(credential).get("transports")
    if not isinstance(given, list):
        return ()
    return tuple(transport for transport in TRANSPORTS if transport in given)


def response_of(credential: dict[str, Any]) -> dict[str, Any]:
    response = credential.get("response")
    if not isinstance(response, dict):
        raise CeremonyRefused("no response")
    return response


def client_data_of(credential: dict[str, Any]) -> dict[str, Any]:
    encoded = response_of(credential).get("clientDataJSON")
    if not isinstance(encoded, str):
        raise CeremonyRefused("no client data")
    try:
        client_data = json.loads(from_base64url(encoded))
    except (ValueError, RecursionError) as error:
        raise CeremonyRefused("client data is not JSON") from error
    if not isinstance(client_data, dict):
        raise CeremonyRefused("client data is no object")
    return client_data


def from_base64url(text: str) -> bytes:
    try:
        return base64.b64decode(
            text.encode("ascii") + b"=" * (-len(text) % 4), altchars=b"-_", validate=True
        )
    except (binascii.Error, UnicodeEncodeError) as error:
        raise CeremonyRefused("not base64url") from error
