"""The two ceremonies, WebAuthn L3 §7.1 and §7.2. Pure: no request, database or clock.

py_webauthn checks types, RP ID hash, flags and signatures; what it leaves open is checked here.
Whatever it raises becomes one refusal.
"""

import base64
import binascii
import json
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

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
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import (
    bytes_to_base64url,
    decode_credential_public_key,
    options_to_json_dict,
)
from webauthn.helpers.cose import COSEAlgorithmIdentifier
from webauthn.helpers.decoded_public_key_to_cryptography import decoded_public_key_to_cryptography
from webauthn.helpers.structs import (
    AttestationConveyancePreference,
    AuthenticatorSelectionCriteria,
    CredentialDeviceType,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)
from webauthn.helpers.verify_signature import verify_signature as verify_signature_by_key

T = TypeVar("T")
TIMEOUT_MS = 300_000


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
SHORTEST_ID = 16  # L3 §4, Credential ID: at least 16 bytes with 100 bits of entropy
LONGEST_ID = 1023  # L3 §4, Credential ID
SMALLEST_RSA_BITS = 2048
SECURITY_KEY = AuthenticatorSelectionCriteria(
    resident_key=ResidentKeyRequirement.DISCOURAGED,
    user_verification=UserVerificationRequirement.DISCOURAGED,
)
"""What any key does, asked for after the password. L3 §5.4.4."""
PASSKEY = AuthenticatorSelectionCriteria(
    resident_key=ResidentKeyRequirement.REQUIRED,
    user_verification=UserVerificationRequirement.REQUIRED,
)
"""What logs in without a password: the authenticator finds it, and verifies its user."""
TRANSPORTS = ("ble", "hybrid", "internal", "nfc", "smart-card", "usb")  # L3 §5.8.4


class CeremonyRefused(Exception):
    """The answer does not prove what it should. The text is for the log, not for a page."""


class CounterDidNotRise(CeremonyRefused):
    """The sign count is not above the last one: somebody may have a copy of the key. L3 §6.1.1."""


class NotDiscoverable(CeremonyRefused):
    """The client says that the new credential cannot be found without its id. L3 §10.1.3."""


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """Who we are. L3 §4, Relying Party."""

    id: str
    name: str
    origin: str


@dataclass(frozen=True, slots=True)
class UserAccount:
    """Who registers. L3 §5.4.3."""

    handle: bytes
    name: str
    display_name: str


@dataclass(frozen=True, slots=True)
class KnownCredential:
    """A credential of an account, as ceremonies name it."""

    id: bytes
    transports: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StoredCredential:
    """What verification needs to know of the one credential that answers."""

    id: bytes
    public_key: bytes
    """COSE_Key, as it was sent."""
    sign_count: int
    is_backup_eligible: bool
    user_handle: bytes


@dataclass(frozen=True, slots=True)
class NewCredential:
    """A credential that was just made."""

    id: bytes
    public_key: bytes
    sign_count: int
    transports: tuple[str, ...]
    aaguid: UUID
    is_backup_eligible: bool
    is_backed_up: bool
    is_user_verified: bool


@dataclass(frozen=True, slots=True)
class Assertion:
    """What a verified assertion says."""

    sign_count: int
    is_backed_up: bool
    is_user_verified: bool


def registration_options(
    party: RelyingParty,
    user: UserAccount,
    challenge: bytes,
    exclude: Collection[KnownCredential],
    selection: AuthenticatorSelectionCriteria = SECURITY_KEY,
) -> dict[str, Any]:
    """Return the options of a registration as `parseCreationOptionsFromJSON` reads them. §5.4."""
    options = generate_registration_options(
        rp_id=party.id,
        rp_name=party.name,
        user_id=user.handle,
        user_name=user.name,
        user_display_name=user.display_name,
        challenge=challenge,
        timeout=TIMEOUT_MS,
        attestation=AttestationConveyancePreference.NONE,
        authenticator_selection=selection,
        supported_pub_key_algs=ALGORITHMS,
    )
    # Whether it became discoverable is asked of the client: the authenticator does not say.
    extensions = {"extensions": {"credProps": True}} if _is_required(selection) else {}
    return {
        **options_to_json_dict(options),
        "excludeCredentials": [_descriptor(credential) for credential in exclude],
        **extensions,
    }


def passkey_options(party: RelyingParty, challenge: bytes) -> dict[str, Any]:
    """Return the options of an authentication by whoever has not said a name. §5.5.

    With nothing to allow, the authenticator finds a discoverable credential and says whose it is.
    """
    return authentication_options(party, challenge, (), UserVerificationRequirement.REQUIRED)


def authentication_options(
    party: RelyingParty,
    challenge: bytes,
    allow: Collection[KnownCredential],
    user_verification: UserVerificationRequirement = UserVerificationRequirement.DISCOURAGED,
) -> dict[str, Any]:
    """Return the options of an authentication as `parseRequestOptionsFromJSON` reads them. §5.5."""
    options = generate_authentication_options(
        rp_id=party.id,
        challenge=challenge,
        timeout=TIMEOUT_MS,
        user_verification=user_verification,
    )
    return {
        **options_to_json_dict(options),
        "allowCredentials": [_descriptor(credential) for credential in allow],
    }


def _descriptor(credential: KnownCredential) -> dict[str, Any]:
    """Return a PublicKeyCredentialDescriptorJSON. §5.8.3; py_webauthn knows fewer transports."""
    descriptor: dict[str, Any] = {"type": "public-key", "id": bytes_to_base64url(credential.id)}
    if credential.transports:
        descriptor["transports"] = list(credential.transports)
    return descriptor


def challenge_of(credential: dict[str, Any]) -> bytes:
    """Return the challenge that an answer says it answers. §5.8.1, `challenge`.

    :raises CeremonyRefused: when there is none; an empty one would match an empty expectation.
    """
    challenge = _client_data(credential).get("challenge")
    if not isinstance(challenge, str) or not challenge:
        raise CeremonyRefused("no challenge")
    return _from_base64url(challenge)


def credential_id_of(credential: dict[str, Any]) -> bytes:
    """Return the id of the credential that answers. §5.1, `rawId`."""
    raw_id = credential.get("rawId")
    if not isinstance(raw_id, str) or raw_id != credential.get("id"):
        raise CeremonyRefused("no credential id")
    return _from_base64url(raw_id)


def signed_parts(credential: dict[str, Any]) -> tuple[bytes, bytes, bytes]:
    """Return client data, authenticator data and signature of an assertion, as sent. §5.2.2."""
    response = _response(credential)
    client_data, authenticator_data, signature = (
        _from_base64url(str(response.get(part)))
        for part in ("clientDataJSON", "authenticatorData", "signature")
    )
    return client_data, authenticator_data, signature


def verify_registration(
    party: RelyingParty,
    credential: dict[str, Any],
    challenge: bytes,
    selection: AuthenticatorSelectionCriteria = SECURITY_KEY,
) -> NewCredential:
    """Verify the answer to a registration that asked for `selection`. L3 §7.1.

    :raises NotDiscoverable: when everything else is right. :raises CeremonyRefused: otherwise.
    """
    client_data = _client_data(credential)
    _check_not_framed(client_data)
    verified = _guarded(
        lambda: verify_registration_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=party.origin,
            require_user_verification=(
                selection.user_verification is UserVerificationRequirement.REQUIRED
            ),
            supported_pub_key_algs=ALGORITHMS,
        )
    )
    _check_id(verified.credential_id, credential)
    _guarded(lambda: check_public_key(verified.credential_public_key))
    # A client that says nothing has done what was required of it.
    if _is_required(selection) and _is_discoverable(credential) is False:
        raise NotDiscoverable("the client made no discoverable credential")
    is_eligible = verified.credential_device_type is CredentialDeviceType.MULTI_DEVICE
    return NewCredential(
        id=verified.credential_id,
        public_key=verified.credential_public_key,
        sign_count=verified.sign_count,
        transports=_transports(credential),
        aaguid=UUID(verified.aaguid),
        is_backup_eligible=is_eligible,
        is_backed_up=verified.credential_backed_up,
        is_user_verified=verified.user_verified,
    )


def verify_passkey(
    party: RelyingParty, credential: dict[str, Any], challenge: bytes, stored: StoredCredential
) -> Assertion:
    """Verify an assertion of somebody who gave no name: it says itself whose it is, and of whom.

    The user handle must be there, and the user was verified. L3 §7.2. :raises: as
    `verify_authentication`.
    """
    if _response(credential).get("userHandle") is None:
        raise CeremonyRefused("no user handle")  # L3 §7.2, userHandle
    return verify_authentication(
        party, credential, challenge, stored, UserVerificationRequirement.REQUIRED
    )


def verify_authentication(
    party: RelyingParty,
    credential: dict[str, Any],
    challenge: bytes,
    stored: StoredCredential,
    user_verification: UserVerificationRequirement = UserVerificationRequirement.DISCOURAGED,
) -> Assertion:
    """Verify the answer to an authentication by one credential. L3 §7.2.

    :raises CounterDidNotRise: when everything else is right. :raises CeremonyRefused: otherwise.
    """
    _check_user_handle(credential, stored)
    _check_not_framed(_client_data(credential))
    verified = _guarded(
        lambda: verify_authentication_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=party.origin,
            credential_public_key=stored.public_key,
            # The count is compared below, where a count that does not rise is told apart.
            credential_current_sign_count=0,
            require_user_verification=user_verification is UserVerificationRequirement.REQUIRED,
        )
    )
    is_eligible = verified.credential_device_type is CredentialDeviceType.MULTI_DEVICE
    if is_eligible is not stored.is_backup_eligible:  # L3 §7.2, backup eligibility
        raise CeremonyRefused("backup eligibility changed")
    count = verified.new_sign_count
    if (count or stored.sign_count) and count <= stored.sign_count:  # L3 §7.2, signCount
        raise CounterDidNotRise(f"sign count {count} after {stored.sign_count}")
    return Assertion(count, verified.credential_backed_up, verified.user_verified)


def verify_signature(public_key: bytes, signature: bytes, data: bytes) -> None:
    """Verify that the private key of a COSE_Key signed `data`. :raises CeremonyRefused: if not."""
    _guarded(lambda: check_public_key(public_key))
    decoded = decode_credential_public_key(public_key)
    _guarded(
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


def _check_id(attested_id: bytes, credential: dict[str, Any]) -> None:
    if not SHORTEST_ID <= len(attested_id) <= LONGEST_ID:  # L3 §7.1, credential ID length
        raise CeremonyRefused("credential id too short or too long")
    if credential_id_of(credential) != attested_id:
        raise CeremonyRefused("outer and attested credential id differ")


def _check_not_framed(client_data: dict[str, Any]) -> None:
    """Refuse an answer made inside a frame: we are never framed. §7.1 and §7.2, crossOrigin."""
    if client_data.get("crossOrigin", False) is not False or "topOrigin" in client_data:
        raise CeremonyRefused("made inside a frame")


def _check_user_handle(credential: dict[str, Any], stored: StoredCredential) -> None:
    handle = _response(credential).get("userHandle")
    if handle is None:
        return
    if not isinstance(handle, str) or _from_base64url(handle) != stored.user_handle:
        raise CeremonyRefused("user handle of somebody else")  # L3 §7.2, userHandle


def _is_required(selection: AuthenticatorSelectionCriteria) -> bool:
    return selection.resident_key is ResidentKeyRequirement.REQUIRED


def _is_discoverable(credential: dict[str, Any]) -> bool | None:
    """Return what the client says of it, `None` when it says nothing. §10.1.3, credProps.rk"""
    results = credential.get("clientExtensionResults")
    properties = results.get("credProps") if isinstance(results, dict) else None
    told = properties.get("rk") if isinstance(properties, dict) else None
    return told if isinstance(told, bool) else None


def _transports(credential: dict[str, Any]) -> tuple[str, ...]:
    given = _response(credential).get("transports")
    if not isinstance(given, list):
        return ()
    return tuple(transport for transport in TRANSPORTS if transport in given)


def _response(credential: dict[str, Any]) -> dict[str, Any]:
    response = credential.get("response")
    if not isinstance(response, dict):
        raise CeremonyRefused("no response")
    return response


def _client_data(credential: dict[str, Any]) -> dict[str, Any]:
    encoded = _response(credential).get("clientDataJSON")
    if not isinstance(encoded, str):
        raise CeremonyRefused("no client data")
    try:
        client_data = json.loads(_from_base64url(encoded))
    except (ValueError, RecursionError) as error:
        raise CeremonyRefused("client data is not JSON") from error
    if not isinstance(client_data, dict):
        raise CeremonyRefused("client data is no object")
    return client_data


def _from_base64url(text: str) -> bytes:
    try:
        return base64.b64decode(
            text.encode("ascii") + b"=" * (-len(text) % 4), altchars=b"-_", validate=True
        )
    except (binascii.Error, UnicodeEncodeError) as error:
        raise CeremonyRefused("not base64url") from error


def _guarded(verify: Callable[[], T]) -> T:
    """Turn whatever the library raises into a refusal.

    Under mutated input it lets ValueError, KeyError, TypeError, RecursionError and others through.
    """
    try:
        return verify()
    except CeremonyRefused:
        raise
    except Exception as error:
        raise CeremonyRefused(f"{type(error).__name__}: {error}"[:300]) from error
