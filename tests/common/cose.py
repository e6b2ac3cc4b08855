"""Keys of every algorithm a test offers or smuggles in, and their COSE form (RFC 9052)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, mldsa, padding, rsa

# IANA COSE Algorithms.
ES256, EDDSA, ES384, ES512, ES256K = -7, -8, -35, -36, -47
PS256, RS256, RS384, RS512, RS1 = -37, -257, -258, -259, -65535
ML_DSA_44, ML_DSA_65, ML_DSA_87, ED448 = -48, -49, -50, -53

# Private and public keys of `cryptography` have no common class that fits all of these.
PrivateKey = Any
PublicKey = Any

# IANA COSE Key Types and Elliptic Curves.
OKP, EC2, RSA, AKP = 1, 2, 3, 7
CURVES = {"secp256r1": 1, "secp384r1": 2, "secp521r1": 3, "secp256k1": 8}
ED25519_CURVE, ED448_CURVE = 6, 7


@dataclass(frozen=True)
class Algorithm:
    """How keys of one COSE algorithm are made and how they sign."""

    generate: Callable[[], PrivateKey]
    sign: Callable[[PrivateKey, bytes], bytes]


def _elliptic(curve: ec.EllipticCurve, digest: hashes.HashAlgorithm) -> Algorithm:
    return Algorithm(
        lambda: ec.generate_private_key(curve), lambda key, data: key.sign(data, ec.ECDSA(digest))
    )


def _rsa(digest: hashes.HashAlgorithm) -> Algorithm:
    return Algorithm(
        lambda: rsa.generate_private_key(65537, 2048),
        lambda key, data: key.sign(data, padding.PKCS1v15(), digest),
    )


def _pss(digest: hashes.HashAlgorithm) -> Algorithm:
    # RFC 8230 §2: the salt is as long as the digest.
    scheme = padding.PSS(padding.MGF1(digest), digest.digest_size)
    return Algorithm(
        lambda: rsa.generate_private_key(65537, 2048),
        lambda key, data: key.sign(data, scheme, digest),
    )


def _plain(generate: Callable[[], PrivateKey]) -> Algorithm:
    return Algorithm(generate, lambda key, data: key.sign(data))


ALGORITHMS: dict[int, Algorithm] = {
    ES256: _elliptic(ec.SECP256R1(), hashes.SHA256()),
    ES384: _elliptic(ec.SECP384R1(), hashes.SHA384()),
    ES512: _elliptic(ec.SECP521R1(), hashes.SHA512()),
    ES256K: _elliptic(ec.SECP256K1(), hashes.SHA256()),
    EDDSA: _plain(ed25519.Ed25519PrivateKey.generate),
    ED448: _plain(ed448.Ed448PrivateKey.generate),
    RS256: _rsa(hashes.SHA256()),
    RS384: _rsa(hashes.SHA384()),
    RS512: _rsa(hashes.SHA512()),
    # Obsolete, and here because it has to be refused.
    RS1: _rsa(hashes.SHA1()),
    PS256: _pss(hashes.SHA256()),
    ML_DSA_44: _plain(mldsa.MLDSA44PrivateKey.generate),
    ML_DSA_65: _plain(mldsa.MLDSA65PrivateKey.generate),
    ML_DSA_87: _plain(mldsa.MLDSA87PrivateKey.generate),
}


def generate_key(algorithm: int) -> PrivateKey:
    """Return a new private key for the COSE `algorithm`."""
    return ALGORITHMS[algorithm].generate()


def sign(key: PrivateKey, algorithm: int, data: bytes) -> bytes:
    """Return the signature over `data` in the form WebAuthn wants: DER for ECDSA. L3 §6.5.5."""
    return ALGORITHMS[algorithm].sign(key, data)


def cose_key(key: PublicKey, algorithm: int) -> dict[int, Any]:
    """Return the COSE_Key map of the public `key`, to be changed by a test before it is encoded."""
    return {3: algorithm, **_parameters(key)}


def encode(value: object) -> bytes:
    """Return the CTAP2 canonical CBOR encoding of `value`."""
    return cbor2.dumps(value, canonical=True)


def subject_public_key_info(key: PublicKey) -> bytes:
    """Return the DER SubjectPublicKeyInfo, as `getPublicKey()` gives it."""
    return bytes(
        key.public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
    )


def _parameters(key: PublicKey) -> dict[int, Any]:
    if isinstance(key, ec.EllipticCurvePublicKey):
        numbers, size = key.public_numbers(), (key.curve.key_size + 7) // 8
        x, y = numbers.x.to_bytes(size, "big"), numbers.y.to_bytes(size, "big")
        return {1: EC2, -1: CURVES[key.curve.name], -2: x, -3: y}
    if isinstance(key, rsa.RSAPublicKey):
        return {
            1: RSA,
            -1: _unsigned(key.public_numbers().n),
            -2: _unsigned(key.public_numbers().e),
        }
    if isinstance(key, ed25519.Ed25519PublicKey):
        return {1: OKP, -1: ED25519_CURVE, -2: key.public_bytes_raw()}
    if isinstance(key, ed448.Ed448PublicKey):
        return {1: OKP, -1: ED448_CURVE, -2: key.public_bytes_raw()}
    return {1: AKP, -1: key.public_bytes_raw()}


def _unsigned(number: int) -> bytes:
    return number.to_bytes((number.bit_length() + 7) // 8, "big")
