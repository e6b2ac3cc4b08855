"""Public keys of credentials: which we take, what must hold of one, and what it signed."""

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import (
    MLDSA44PrivateKey,
    MLDSA44PublicKey,
    MLDSA65PublicKey,
    MLDSA87PublicKey,
)
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from webauthn.helpers import decode_credential_public_key
from webauthn.helpers.cose import COSEAlgorithmIdentifier
from webauthn.helpers.decoded_public_key_to_cryptography import decoded_public_key_to_cryptography
from webauthn.helpers.verify_signature import verify_signature as verify_signature_by_key

from warehouse_mfa.webauthn.ceremony.values import CeremonyRefused, guarded


def _knows_ml_dsa() -> bool:
    """Tell whether the OpenSSL below `cryptography` knows ML-DSA."""
    try:
        MLDSA44PrivateKey.generate()
    except UnsupportedAlgorithm:
        return False
    return True


KEY_TYPES: dict[COSEAlgorithmIdentifier, type] = {
    COSEAlgorithmIdentifier.EDDSA: Ed25519PublicKey,
    COSEAlgorithmIdentifier.ECDSA_SHA_256: EllipticCurvePublicKey,
    COSEAlgorithmIdentifier.RSASSA_PKCS1_v1_5_SHA_256: RSAPublicKey,
}
if _knows_ml_dsa():
    KEY_TYPES |= {
        COSEAlgorithmIdentifier.ML_DSA_44: MLDSA44PublicKey,
        COSEAlgorithmIdentifier.ML_DSA_65: MLDSA65PublicKey,
        COSEAlgorithmIdentifier.ML_DSA_87: MLDSA87PublicKey,
    }
ALGORITHMS = list(KEY_TYPES)
SMALLEST_RSA_BITS = 2048


def verify_signature(public_key: bytes, signature: bytes, data: bytes) -> None:
    """Verify that the private key of a COSE_Key signed `data`. :raises CeremonyRefused: if not."""
    guarded(lambda: check_public_key(public_key))
    decoded = decode_credential_public_key(public_key)
    guarded(
        lambda: verify_signature_by_key(
            public_key=decoded_public_key_to_cryptography(decoded),
            signature_alg=decoded.alg,
            signature=signature,
            data=data,
        )
    )


def check_public_key(public_key: bytes) -> None:
    """Check the key itself: type, curve and algorithm agree, the point is on it, RSA is large.

    L3 §7.1, credential public key. :raises CeremonyRefused: if not; also what the library raises.
    """
    decoded = decode_credential_public_key(public_key)
    key = decoded_public_key_to_cryptography(decoded)  # refuses a point that is off the curve
    if not isinstance(key, KEY_TYPES[decoded.alg]):
        raise CeremonyRefused("key type and algorithm disagree")
    if isinstance(key, EllipticCurvePublicKey) and key.curve.name != "secp256r1":
        raise CeremonyRefused("curve and algorithm disagree")
    if isinstance(key, RSAPublicKey):
        exponent = key.public_numbers().e
        if key.key_size < SMALLEST_RSA_BITS or exponent < 3 or exponent % 2 == 0:
            raise CeremonyRefused("RSA key too weak")
