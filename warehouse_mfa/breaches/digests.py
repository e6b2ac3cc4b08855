"""The form in which lists of breached passwords name them."""

import hashlib


def digest_of(password: str) -> str:
    """Return the SHA-1 of a password, 40 digits in upper case."""
    digest = hashlib.sha1(password.encode("utf-8", "surrogatepass"), usedforsecurity=False)
    return digest.hexdigest().upper()
