"""Hashing, encryption at rest and constant-time comparison: these live here and nowhere else.

`keys` holds the key ring (HKDF, RFC 5869; AES-256-GCM; HMAC-SHA256), `passwords` the password hashes
(Argon2id, RFC 9106).
"""

import hashlib
import hmac

from pyramid.config import Configurator

from warehouse_mfa.clock import clock_of
from warehouse_mfa.crypto.keys import CannotOpen, IKeyRing, KeyRing
from warehouse_mfa.crypto.passwords import (
    HasherOverloaded,
    IPasswordHasher,
    PasswordHasher,
    PasswordMatch,
)

__all__ = [
    "CannotOpen",
    "HasherOverloaded",
    "IKeyRing",
    "IPasswordHasher",
    "KeyRing",
    "PasswordHasher",
    "PasswordMatch",
    "digest",
    "equal",
]


def digest(secret: bytes) -> bytes:
    """Return the SHA-256 of a secret of at least 128 random bits, as rows store it (32 bytes)."""
    return hashlib.sha256(secret).digest()


def equal(left: bytes, right: bytes) -> bool:
    """Compare without telling by time where two values differ."""
    return hmac.compare_digest(left, right)


def includeme(config: Configurator) -> None:
    settings = config.registry["settings"]
    config.register_service(settings.key_ring, IKeyRing)
    config.register_service_factory(
        lambda context, request: request.registry["password_hasher"], IPasswordHasher
    )

    def build_hasher() -> None:
        hasher = PasswordHasher(settings.password_hash, clock_of(config))
        config.registry["password_hasher"] = hasher

    # After the phase in which services are registered, so that a replaced clock is the one used.
    config.action(None, build_hasher, order=10)
