"""Challenges that authenticate themselves. Pure: a key and values in, bytes out.

A challenge is version, purpose, expiry, nonce, digest of the facts that it confirms, and a MAC over
these and over whom and what occasion it is for. Making one writes nothing; the nonce is spent when
an answer comes. WebAuthn L3 §13.4.3 asks for 16 random bytes.
"""

import struct
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum
from uuid import UUID

VERSION = 1
NONCE_BYTES = 16
DIGEST_BYTES = 32
NO_FACTS = bytes(DIGEST_BYTES)
BODY = struct.Struct(f">BBQ{NONCE_BYTES}s{DIGEST_BYTES}s")
MAC_BYTES = 32
LENGTH = BODY.size + MAC_BYTES

NOBODY = UUID(int=0)
"""Whoever has not said a name yet: then the occasion alone tells one audience from another."""


class Purpose(IntEnum):
    """What an answer to a challenge does."""

    REGISTER = 1
    LOGIN = 2
    PASSKEY_LOGIN = 3
    REGISTER_PASSKEY = 4
    CONFIRM = 5


class ChallengeInvalid(Exception):
    """The challenge is not ours, not for this, or too old."""


@dataclass(frozen=True, slots=True)
class Audience:
    """Whom a challenge is for."""

    purpose: Purpose
    user_id: UUID
    security_epoch: int
    occasion: bytes
    """The session family, pending login or anonymous cookie that it belongs to."""

    def to_bytes(self) -> bytes:
        epoch = struct.pack(">Q", self.security_epoch)
        return bytes([self.purpose]) + self.user_id.bytes + epoch + self.occasion


def make(
    mac: Callable[[bytes], bytes],
    audience: Audience,
    *,
    nonce: bytes,
    expires_at: datetime,
    facts: bytes = NO_FACTS,
) -> bytes:
    """Return a challenge. `mac` is HMAC-SHA256 with a key for this and nothing else."""
    body = BODY.pack(VERSION, audience.purpose, int(expires_at.timestamp()), nonce, facts)
    return body + mac(body + audience.to_bytes())


@dataclass(frozen=True, slots=True)
class Opened:
    """A challenge that is ours, for this audience, and not too old."""

    nonce: bytes
    expires_at: datetime
    facts: bytes


def read(
    is_mac: Callable[[bytes, bytes], bool], audience: Audience, challenge: bytes, at: datetime
) -> Opened:
    """Return what a challenge holds. :raises ChallengeInvalid: when it is not for `audience`, now."""
    if len(challenge) != LENGTH:
        raise ChallengeInvalid("its length is not that of a challenge")
    body, mac = challenge[: BODY.size], challenge[BODY.size :]
    if not is_mac(body + audience.to_bytes(), mac):
        raise ChallengeInvalid("it was not made for this")
    version, purpose, expires, nonce, facts = BODY.unpack(body)
    if version != VERSION or purpose != audience.purpose:
        raise ChallengeInvalid("it was made for something else")
    expires_at = datetime.fromtimestamp(expires, UTC)
    if at >= expires_at:
        raise ChallengeInvalid("it is too old")
    return Opened(nonce, expires_at, facts)
