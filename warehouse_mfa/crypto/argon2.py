"""Argon2id as passlib knows it, and in half the time where libsodium is installed (extra `fast`).

Both write and read the same strings. libsodium takes one lane, 16 bytes of salt and 32 of digest,
which is all that we ever wrote; what else is stored goes to argon2-cffi.
"""

import re

from passlib.hash import argon2
from passlib.utils.handlers import validate_secret

try:
    from nacl.exceptions import InvalidkeyError
    from nacl.pwhash import argon2id as libsodium
except ImportError:
    libsodium = None  # type: ignore[assignment]

# Base64 without padding: of 22 characters the last four bits are zero, of 43 the last two.
TAKEN = re.compile(
    r"\$argon2id\$v=19\$m=[0-9]{1,7},t=[0-9]{1,3},p=1"
    r"\$[A-Za-z0-9+/]{21}[AQgw]\$[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]"
)
KIB = 1024

argon2.get_backend()  # passlib finishes its class at the first use; ours is made from the whole


class LibsodiumArgon2(argon2):
    """The scheme of passlib, with the work done by libsodium whenever it can."""

    @classmethod
    def hash(cls, secret: str) -> str:
        if cls.parallelism != 1:
            return str(super().hash(secret))
        validate_secret(secret)
        hashed = libsodium.str(secret.encode(), cls.default_rounds, cls.memory_cost * KIB)
        return hashed.decode("ascii")

    @classmethod
    def verify(cls, secret: str, hash: str) -> bool:
        if not TAKEN.fullmatch(hash):
            return bool(super().verify(secret, hash))
        validate_secret(secret)
        try:
            return libsodium.verify(hash.encode("ascii"), secret.encode())
        except InvalidkeyError:
            return False


FASTEST = LibsodiumArgon2 if libsodium else argon2
