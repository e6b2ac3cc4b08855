"""The key ring: root keys, newest first, from which a key per purpose and deployment is derived."""

import base64
import hmac
from collections.abc import Sequence
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from zope.interface import Attribute, Interface, implementer

from warehouse_mfa.entropy import IEntropy, SystemEntropy
from warehouse_mfa.strings import Unreadable, _

KEY_BYTES = 32
NONCE_BYTES = 12  # NIST SP 800-38D §8.2.2, random nonces of 96 bits


class CannotOpen(Exception):
    """A sealed value was changed, belongs elsewhere, or its key is gone."""


class IKeyRing(Interface):
    """Derives keys; seals and authenticates values with them.

    A purpose is a short name ("totp", "cookie:flash"). Values made for one purpose, or by another
    deployment, are refused for any other.
    """

    current_id = Attribute("Id of the key that new values are made with.")
    ids = Attribute("Ids of all keys, newest first.")

    def seal(purpose: str, plaintext: bytes, *, bound_to: bytes) -> bytes:
        """Encrypt with the current key: key id, nonce and AES-256-GCM ciphertext in one value.

        `bound_to` is authenticated and not stored (the identity of a row, a cookie's name).
        """

    def open(purpose: str, sealed: bytes, *, bound_to: bytes) -> bytes:
        """Return the plaintext. :raises CannotOpen: when it is not exactly what was sealed."""

    def mac(purpose: str, message: bytes) -> bytes:
        """Return HMAC-SHA256 under the current key (32 bytes)."""

    def macs(purpose: str, message: bytes) -> list[bytes]:
        """Return the MAC under every key, newest first: what a row may be found by."""

    def is_mac(purpose: str, message: bytes, mac: bytes) -> bool:
        """Tell, in constant time, whether any key of the ring made `mac`."""

    def key_id_of(sealed: bytes) -> str:
        """Return the id of the key that a sealed value hangs on. :raises CannotOpen: if it has none."""


@implementer(IKeyRing)
class KeyRing:
    def __init__(
        self,
        keys: Sequence[tuple[str, bytes]],
        deployment: str,
        entropy: IEntropy | None = None,
    ) -> None:
        """Take (id, root key) pairs, newest first. `deployment` keeps two sites apart."""
        if not keys:
            raise ValueError("A key ring needs at least one key.")
        self._roots = dict(keys)
        self._deployment = deployment
        self._entropy: IEntropy = entropy or SystemEntropy()
        self.current_id = keys[0][0]
        # Derivation costs 15 µs and its inputs never change.
        self._derived = lru_cache(maxsize=256)(self._derive)
        self._cipher = lru_cache(maxsize=256)(self._make_cipher)

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(self._roots)

    def seal(self, purpose: str, plaintext: bytes, *, bound_to: bytes) -> bytes:
        nonce = self._entropy.token_bytes(NONCE_BYTES)
        name = self.current_id.encode()
        ciphertext = self._cipher(purpose, self.current_id).encrypt(nonce, plaintext, bound_to)
        return bytes([len(name)]) + name + nonce + ciphertext

    def open(self, purpose: str, sealed: bytes, *, bound_to: bytes) -> bytes:
        key_id = self.key_id_of(sealed)
        start = 1 + sealed[0]
        nonce, ciphertext = sealed[start : start + NONCE_BYTES], sealed[start + NONCE_BYTES :]
        try:
            return self._cipher(purpose, key_id).decrypt(nonce, ciphertext, bound_to)
        except (InvalidTag, ValueError) as error:
            raise CannotOpen("The value does not open with its key.") from error

    def mac(self, purpose: str, message: bytes) -> bytes:
        return hmac.digest(self._derived(purpose, self.current_id), message, "sha256")

    def macs(self, purpose: str, message: bytes) -> list[bytes]:
        return [
            hmac.digest(self._derived(purpose, key_id), message, "sha256") for key_id in self._roots
        ]

    def is_mac(self, purpose: str, message: bytes, mac: bytes) -> bool:
        return any(hmac.compare_digest(made, mac) for made in self.macs(purpose, message))

    def key_id_of(self, sealed: bytes) -> str:
        try:
            key_id = sealed[1 : 1 + sealed[0]].decode("ascii")
        except (IndexError, UnicodeDecodeError) as error:
            raise CannotOpen("The value names no key.") from error
        if key_id not in self._roots:
            raise CannotOpen("The value hangs on a key that the ring does not hold.")
        return key_id

    def _derive(self, purpose: str, key_id: str) -> bytes:
        info = f"warehouse_mfa\0{self._deployment}\0{purpose}".encode()
        return HKDF(SHA256(), KEY_BYTES, salt=None, info=info).derive(self._roots[key_id])

    def _make_cipher(self, purpose: str, key_id: str) -> AESGCM:
        return AESGCM(self._derived(purpose, key_id))


def parse_keys(text: str) -> list[tuple[str, bytes]]:
    """Read `id:base64,…`, newest first. :raises Unreadable: with a sentence for the operator."""
    keys: dict[str, bytes] = {}
    for item in filter(None, (part.strip() for part in text.split(","))):
        key_id, separator, encoded = item.partition(":")
        if not separator or not key_id.isascii() or not key_id.isidentifier() or len(key_id) > 32:
            raise Unreadable(
                _("Each key must read id:base64, its id made of letters, digits and underscores.")
            )
        try:
            key = base64.b64decode(encoded, validate=True)
        except ValueError as error:
            raise Unreadable(_("The key ${key} is not base64.", mapping={"key": key_id})) from error
        if len(key) < KEY_BYTES:
            raise Unreadable(
                _(
                    "The key ${key} is shorter than ${number} bytes.",
                    mapping={"key": key_id, "number": KEY_BYTES},
                )
            )
        if key_id in keys:
            raise Unreadable(_("The key id ${key} is given twice.", mapping={"key": key_id}))
        keys[key_id] = key
    if not keys:
        raise Unreadable(_("It holds no key. `warehouse-mfa keys generate` makes one."))
    return list(keys.items())


def generate_key(entropy: IEntropy, key_id: str) -> str:
    """Return a new root key in the notation of the setting."""
    return f"{key_id}:{base64.b64encode(entropy.token_bytes(KEY_BYTES)).decode()}"
