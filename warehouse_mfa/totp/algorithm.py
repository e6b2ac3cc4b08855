"""Codes and time steps, RFC 6238 over RFC 4226. Pure: no clock, no database."""

import base64
import re
from datetime import datetime

import pyotp

from warehouse_mfa import crypto

SECRET_BYTES = 20  # RFC 4226 §4, R6
DIGITS = 6
STEP_SECONDS = 30  # RFC 6238 §5.2
DRIFT_STEPS = (0, -1, 1)
"""Steps that are taken, the likeliest first. RFC 6238 §6."""
CODE = re.compile(r"[0-9]{6}")


def parse_code(text: str) -> str | None:
    """Return the six ASCII digits of what was typed, without blanks; `None` if it is no code."""
    code = "".join(text.split())
    return code if CODE.fullmatch(code) else None


def step_at(at: datetime) -> int:
    """Return the time step that contains `at`. RFC 6238 §4.2."""
    return int(at.timestamp()) // STEP_SECONDS


def code_of(secret: bytes, step: int, *, digits: int = DIGITS) -> str:
    """Return the code of a time step; `secret` is raw, not Base32. RFC 6238 §4.2."""
    return pyotp.HOTP(to_base32(secret), digits=digits).at(step)


def matching_step(secret: bytes, code: str, at: datetime) -> int | None:
    """Return the step near `at` whose code this is, `None` if there is none."""
    now = step_at(at)
    # All are compared, so that the time does not tell which one matched.
    matches = [
        now + drift
        for drift in DRIFT_STEPS
        if crypto.equal(code_of(secret, now + drift).encode(), code.encode())
    ]
    return matches[0] if matches else None


def to_base32(secret: bytes) -> str:
    """Return a secret as applications take it: Base32 without padding. RFC 4648 §6."""
    return base64.b32encode(secret).decode().rstrip("=")


def provisioning_uri(secret: bytes, *, account: str, issuer: str) -> str:
    """Return the `otpauth://totp/` URI that applications read, from a QR code or a link."""
    return pyotp.TOTP(to_base32(secret)).provisioning_uri(name=account, issuer_name=issuer)
