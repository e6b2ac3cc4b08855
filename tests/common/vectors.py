"""The one loader of `tests/vectors`, and the W3C vectors in the form a page posts them."""

import json
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa

from tests.common.authenticator import encode_base64url
from tests.common.cose import ED448, EDDSA, ES256, ES384, ES512, PrivateKey

DIRECTORY = Path(__file__).resolve().parent.parent / "vectors"

Vector = Mapping[str, Any]

CURVES: dict[int, type[ec.EllipticCurve]] = {
    ES256: ec.SECP256R1,
    ES384: ec.SECP384R1,
    ES512: ec.SECP521R1,
}
SEEDS = {
    EDDSA: ed25519.Ed25519PrivateKey.from_private_bytes,
    ED448: ed448.Ed448PrivateKey.from_private_bytes,
}
RSA_EXPONENT = 65537


def load(name: str) -> Vector:
    """Return the file `name`.json, "webauthn-l3" or "totp". Byte strings are hexadecimal.

    :raises LookupError: if there is no such file; the sentence names those there are.
    """
    path = DIRECTORY / f"{name}.json"
    if not path.is_file():
        names = ", ".join(sorted(each.stem for each in DIRECTORY.glob("*.json"))) or "none"
        raise LookupError(
            f"There are no vectors named {name!r} in {DIRECTORY}; there are: {names}."
        )
    return _parsed(path)


def vector_ids(vectors: Iterable[Vector]) -> list[str]:
    """Return the names of `vectors`, for the `ids` of `pytest.mark.parametrize`."""
    return [vector["name"] for vector in vectors]


def registration_credential(vector: Vector) -> dict[str, Any]:
    """Return the RegistrationResponseJSON of a vector of "webauthn-l3"."""
    registration = vector["registration"]
    response = {
        "clientDataJSON": _base64url(registration["client_data_json"]),
        "authenticatorData": _base64url(registration["authenticator_data"]),
        "transports": [],
        "publicKeyAlgorithm": vector["credential_algorithm"],
        "attestationObject": _base64url(registration["attestation_object"]),
    }
    return _public_key_credential(vector, response)


def authentication_credential(vector: Vector) -> dict[str, Any]:
    """Return the AuthenticationResponseJSON of a vector of "webauthn-l3"."""
    authentication = vector["authentication"]
    response = {
        "clientDataJSON": _base64url(authentication["client_data_json"]),
        "authenticatorData": _base64url(authentication["authenticator_data"]),
        "signature": _base64url(authentication["signature"]),
    }
    return _public_key_credential(vector, response)


def challenge(vector: Vector, ceremony: str) -> bytes:
    """Return the challenge of the `ceremony` "registration" or "authentication"."""
    return bytes.fromhex(vector[ceremony]["challenge"])


def private_key(vector: Vector) -> PrivateKey:
    """Return the credential's private key, to sign a further assertion with."""
    printed, algorithm = vector["credential_private_key"], vector["credential_algorithm"]
    match printed["kind"]:
        case "ec-scalar":
            return ec.derive_private_key(int(printed["d"], 16), CURVES[algorithm]())
        case "okp-seed":
            return SEEDS[algorithm](bytes.fromhex(printed["d"]))
        case "rsa-factors":
            return _rsa_key(int(printed["p"], 16), int(printed["q"], 16))
        case kind:
            raise LookupError(f"There is no way to read a private key of kind {kind!r}.")


def attestation_root_pem() -> bytes:
    """Return the certificate that issued every attestation certificate of "webauthn-l3", in PEM."""
    printed = load("webauthn-l3")["attestation_root"]["certificate"]
    certificate = x509.load_der_x509_certificate(bytes.fromhex(printed))
    return certificate.public_bytes(serialization.Encoding.PEM)


@cache
def _parsed(path: Path) -> Vector:
    vectors: Vector = json.loads(path.read_text(encoding="utf-8"))
    return vectors


def _public_key_credential(vector: Vector, response: dict[str, Any]) -> dict[str, Any]:
    credential_id = _base64url(vector["credential_id"])
    return {
        "id": credential_id,
        "rawId": credential_id,
        "type": "public-key",
        "authenticatorAttachment": None,
        "clientExtensionResults": {},
        "response": response,
    }


def _base64url(hexadecimal: str) -> str:
    return encode_base64url(bytes.fromhex(hexadecimal))


def _rsa_key(p: int, q: int) -> rsa.RSAPrivateKey:
    d = pow(RSA_EXPONENT, -1, (p - 1) * (q - 1))
    return rsa.RSAPrivateNumbers(
        p=p,
        q=q,
        d=d,
        dmp1=rsa.rsa_crt_dmp1(d, p),
        dmq1=rsa.rsa_crt_dmq1(d, q),
        iqmp=rsa.rsa_crt_iqmp(p, q),
        public_numbers=rsa.RSAPublicNumbers(RSA_EXPONENT, p * q),
    ).private_key()
