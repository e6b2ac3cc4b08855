"""Evidence as a file, for whoever is to check it without our database. Pure.

A JSON object with the format, and the members of `Evidence`: the facts as the text that they are,
bytes in base64url without padding.
"""

import base64
import json
from typing import Any
from uuid import UUID

from warehouse_mfa.evidence.interfaces import Evidence, Signed

FORMAT = "warehouse_mfa evidence 1"
SIGNED = ("credential_id", "public_key", "client_data", "authenticator_data", "signature")


class NotEvidence(Exception):
    """The text is not what `write` makes."""


def write(evidence: Evidence) -> str:
    """Return the text of a file."""
    signed = evidence.signed
    return json.dumps(
        {
            "format": FORMAT,
            "event_id": str(evidence.event_id),
            "facts": evidence.facts.decode(),
            "factor": evidence.factor,
            "rp_id": evidence.rp_id,
            "origin": evidence.origin,
            "signed": signed and {name: _encode(getattr(signed, name)) for name in SIGNED},
        },
        indent=2,
    )


def read(text: str | bytes) -> Evidence:
    """Return the evidence in a file. :raises NotEvidence: when there is none."""
    try:
        return _evidence(json.loads(text))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise NotEvidence from error


def _evidence(found: dict[str, Any]) -> Evidence:
    if found["format"] != FORMAT:
        raise ValueError(found["format"])
    signed = found["signed"]
    return Evidence(
        UUID(found["event_id"]),
        found["facts"].encode(),
        str(found["factor"]),
        str(found["rp_id"]),
        str(found["origin"]),
        None if signed is None else Signed(*(_decode(signed[name]) for name in SIGNED)),
    )


def _encode(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
