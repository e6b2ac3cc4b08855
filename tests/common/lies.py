"""What a false answer to a ceremony says: one lie at a time, told in either ceremony.

Each lie takes our origin and gives overrides of the software authenticator, which signs them.
"""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from tests.common.authenticator import ABSENT

Lie = Callable[[str], dict[str, Any]]


def _origin(make: Callable[[str, str], object]) -> Lie:
    """Say another origin; `make` is given scheme and host, with its port if it has one."""

    def overrides(origin: str) -> dict[str, Any]:
        parts = urlsplit(origin)
        return {"client_data": {"origin": make(parts.scheme, parts.netloc)}}

    return overrides


def _host(origin: str) -> str:
    return str(urlsplit(origin).hostname)


# P-058, P-078
ORIGINS: dict[str, Lie] = {
    "another site": _origin(lambda scheme, host: "https://evil.example"),
    "another scheme": _origin(
        lambda scheme, host: f"{'http' if scheme == 'https' else 'https'}://{host}"
    ),
    "another port": _origin(lambda scheme, host: f"{scheme}://{host.split(':')[0]}:8443"),
    "dot after the host": _origin(lambda scheme, host: f"{scheme}://{host.split(':')[0]}."),
    "slash after the host": _origin(lambda scheme, host: f"{scheme}://{host}/"),
    "path": _origin(lambda scheme, host: f"{scheme}://{host}/account"),
    "longer host": _origin(lambda scheme, host: f"{scheme}://bad{host}"),
    "host as a label": _origin(lambda scheme, host: f"{scheme}://{host}.evil.example"),
    "subdomain": _origin(lambda scheme, host: f"{scheme}://sub.{host}"),
    "user before the host": _origin(lambda scheme, host: f"{scheme}://{host}@evil.example"),
    "upper case": _origin(lambda scheme, host: f"{scheme}://{host}".upper()),
    "blank": _origin(lambda scheme, host: f" {scheme}://{host}"),
    "null": _origin(lambda scheme, host: "null"),
    "empty": _origin(lambda scheme, host: ""),
    "None": _origin(lambda scheme, host: None),
    "missing": _origin(lambda scheme, host: ABSENT),
    "list": _origin(lambda scheme, host: [f"{scheme}://{host}"]),
    "object": _origin(lambda scheme, host: {f"{scheme}://{host}": True}),
    "android app": _origin(lambda scheme, host: "android:apk-key-hash:AAAA"),
}

# P-059, P-078
RP_IDS: dict[str, Lie] = {
    "another domain": lambda origin: {"rp_id": "evil.example"},
    "parent domain": lambda origin: {"rp_id": _host(origin).partition(".")[2]},
    "subdomain": lambda origin: {"rp_id": f"sub.{_host(origin)}"},
    "origin": lambda origin: {"rp_id": origin},
    "zeroes": lambda origin: {"rp_id_hash": bytes(32)},
}

# P-060, P-078; `OTHER` stands for the type of the other ceremony.
TYPES: dict[str, Lie] = {
    "payment": lambda origin: {"type": "payment.get"},
    "missing": lambda origin: {"type": ABSENT},
    "number": lambda origin: {"type": 5},
    "None": lambda origin: {"type": None},
    "list": lambda origin: {"type": ["webauthn.create", "webauthn.get"]},
    "upper case": lambda origin: {"type": "WEBAUTHN.CREATE"},
    "empty": lambda origin: {"type": ""},
}

# P-061, P-078
FRAMES: dict[str, Lie] = {
    "crossOrigin": lambda origin: {"cross_origin": True},
    "crossOrigin and topOrigin": lambda origin: {
        "cross_origin": True,
        "top_origin": "https://evil.example",
    },
    "topOrigin alone": lambda origin: {"top_origin": "https://evil.example"},
    "topOrigin without crossOrigin": lambda origin: {
        "cross_origin": ABSENT,
        "top_origin": "https://evil.example",
    },
    "own topOrigin": lambda origin: {"top_origin": origin},
    "topOrigin None": lambda origin: {"top_origin": None},
    "crossOrigin as text": lambda origin: {"cross_origin": "false"},
    "crossOrigin as number": lambda origin: {"cross_origin": 0},
    "crossOrigin None": lambda origin: {"cross_origin": None},
}

# P-062, P-078
PRESENCE: dict[str, Lie] = {
    "not present": lambda origin: {"user_present": False},
    "verified but not present": lambda origin: {"user_present": False, "user_verified": True},
}

# P-066, P-078
BACKUP: dict[str, Lie] = {
    "backed up but not eligible": lambda origin: {"backup_eligible": False, "backup_state": True},
}

# Challenges that are not the one of the options.
CHALLENGES: dict[str, Lie] = {
    "another": lambda origin: {"challenge": b"c" * 90},
    "empty": lambda origin: {"challenge": b""},
    "missing": lambda origin: {"client_data": {"challenge": ABSENT}},
    "None": lambda origin: {"client_data": {"challenge": None}},
    "number": lambda origin: {"client_data": {"challenge": 5}},
    "list": lambda origin: {"client_data": {"challenge": []}},
    "not base64url": lambda origin: {"client_data": {"challenge": "*" * 120}},
}

# The JSON around the answer.
MEMBERS: dict[str, Lie] = {
    "another type": lambda origin: {"members": {"type": "password"}},
    "no type": lambda origin: {"members": {"type": ABSENT}},
    "no id": lambda origin: {"members": {"id": ABSENT}},
    "no rawId": lambda origin: {"members": {"rawId": ABSENT}},
    "two ids": lambda origin: {"members": {"rawId": "b3RoZXItaWQtb3RoZXItaWQ"}},
    "id as number": lambda origin: {"members": {"id": 5, "rawId": 5}},
    "another id": lambda origin: {"outer_id": b"another id of a credential"},
    "no response": lambda origin: {"members": {"response": ABSENT}},
    "response as list": lambda origin: {"members": {"response": []}},
    "no client data": lambda origin: {"response_members": {"clientDataJSON": ABSENT}},
    "client data as object": lambda origin: {"response_members": {"clientDataJSON": {}}},
    "client data as text": lambda origin: {"client_data_json": b"client data"},
    "odd attachment": lambda origin: {"attachment": "glued"},
}
