"""A software authenticator with the client in front of it (WebAuthn Level 3, CTAP2, U2F).

Left alone it is honest. A refusal test changes one thing by keyword: whatever lies nearer to the
wire follows from it and is signed again, so that the one thing is all that is wrong.

    authenticator = SoftwareAuthenticator()
    credential = authenticator.create(options, "https://example.org", user_present=False)

The names are those of the specification. `ABSENT` as a value leaves a member out.
"""

import json
import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from hashlib import sha256
from typing import Any, Final, Literal, TypedDict, Unpack

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.common import cose
from tests.common.cose import EDDSA, ES256, RS256, PrivateKey

JSONObject = dict[str, Any]
Options = str | bytes | Mapping[str, Any]
AttestationFormat = Literal["none", "packed-self", "packed", "fido-u2f"]

ABSENT: Final = object()

# Authenticator data flags, L3 §6.1.
USER_PRESENT = 0x01
USER_VERIFIED = 0x04
BACKUP_ELIGIBLE = 0x08
BACKUP_STATE = 0x10
ATTESTED_CREDENTIAL_DATA = 0x40
EXTENSION_DATA = 0x80

NO_AAGUID = bytes(16)
SOME_AAGUID = bytes.fromhex("6f70656e2d736f6674776172652d6b79")
CREDENTIAL_ID_BYTES = 32

# id-fido-gen-ce-aaguid, L3 §8.2.1.
AAGUID_EXTENSION = x509.ObjectIdentifier("1.3.6.1.4.1.45724.1.1.4")


class NotAllowedError(Exception):
    """The authenticator would not do it: no credential fits, or verification is not possible."""


class NotSupportedError(Exception):
    """No algorithm of the options is one of this authenticator's."""


class InvalidStateError(Exception):
    """The authenticator holds a credential of `excludeCredentials`."""


class Overrides(TypedDict, total=False):
    """What a test may change in either ceremony."""

    # The client data, L3 §5.8.1. `client_data` are further or other members of it.
    type: object
    challenge: bytes
    cross_origin: object
    top_origin: object
    client_data: Mapping[str, object]
    client_data_json: bytes
    # The authenticator data, L3 §6.1. `flags` is the whole byte, `authenticator_data` everything.
    rp_id: str
    rp_id_hash: bytes
    user_present: bool
    user_verified: bool
    backup_eligible: bool
    backup_state: bool
    flags: int
    sign_count: int
    extensions: bytes
    authenticator_data: bytes
    # The signature. `signed_data` replaces what is signed, `mutate_signature` changes the result.
    signing_key: PrivateKey
    signed_data: bytes
    signature: bytes
    mutate_signature: Callable[[bytes], bytes]
    # The JSON that the page posts. `outer_id` is `id` and `rawId`; a str goes out as it stands.
    outer_id: bytes | str
    attachment: object
    response_members: Mapping[str, object]
    members: Mapping[str, object]


class CreateOverrides(Overrides, total=False):
    """What a test may change in a registration."""

    # A key of this COSE algorithm is made, whether it was offered or not.
    algorithm: int
    private_key: PrivateKey
    # The attested credential data, L3 §6.5.1. A mapping is encoded, bytes are taken as they are.
    aaguid: bytes
    credential_id: bytes
    credential_id_length: int
    credential_public_key: Mapping[Any, object] | bytes
    attested_credential_data: bytes
    # The attestation object, L3 §6.5.4. `statement` are further or other members of `attStmt`.
    format: object
    statement: Mapping[str, object]
    attestation_statement: object
    attestation_object: bytes
    transports: object


class GetOverrides(Overrides, total=False):
    """What a test may change in an authentication."""

    # The credential to use, even one the options do not allow.
    credential: "Credential"
    # As bytes, or the text of `userHandle` as it stands.
    user_handle: object


@dataclass
class Credential:
    """A public key credential source, L3 §4, as the authenticator keeps it."""

    id: bytes
    private_key: PrivateKey
    algorithm: int
    rp_id: str
    user_handle: bytes
    sign_count: int
    is_discoverable: bool
    backup_eligible: bool
    backup_state: bool


class SoftwareAuthenticator:
    """An authenticator in memory.

    `algorithms` are the ones it knows, in the order of the options' preference. `attestation` is
    the format it always answers with: a browser would blank it when the page asks for none, but a
    page cannot rely on the browser. "fido-u2f" makes it a CTAP1 key: ES256, no AAGUID, no
    verification, nothing discoverable. `counts` False keeps the sign count at 0, as synchronized
    passkeys do.
    """

    def __init__(
        self,
        *,
        attestation: AttestationFormat = "none",
        algorithms: Sequence[int] = (ES256, EDDSA, RS256),
        aaguid: bytes = SOME_AAGUID,
        transports: Sequence[str] = ("usb",),
        attachment: str = "cross-platform",
        can_verify_user: bool = True,
        can_discover: bool = True,
        is_backed_up: bool = False,
        counts: bool = True,
    ) -> None:
        is_u2f = attestation == "fido-u2f"
        self.attestation = attestation
        self.algorithms = (ES256,) if is_u2f else tuple(algorithms)
        self.aaguid = NO_AAGUID if is_u2f else aaguid
        self.transports = tuple(transports)
        self.attachment = attachment
        self.can_verify_user = can_verify_user and not is_u2f
        self.can_discover = can_discover and not is_u2f
        self.is_backed_up = is_backed_up and not is_u2f
        self.counts = counts
        self.credentials: dict[bytes, Credential] = {}

    @cached_property
    def attestation_authority(self) -> "AttestationAuthority":
        """Who vouches for this model: its root certificate makes the attestation trusted."""
        return AttestationAuthority(self.aaguid)

    def create(
        self, options: Options, origin: object, **overrides: Unpack[CreateOverrides]
    ) -> JSONObject:
        """Answer `navigator.credentials.create()` with the RegistrationResponseJSON of `toJSON()`.

        `options` are PublicKeyCredentialCreationOptionsJSON. The credential is kept for `get`.

        :raises NotSupportedError, NotAllowedError, InvalidStateError: as the browser would; not for
            a value that was overridden.
        """
        _refuse_unknown(overrides, CreateOverrides.__optional_keys__)
        ceremony = _parsed(options)
        if "credential_id" not in overrides:
            self._refuse_excluded(ceremony)
        credential = self._make_credential(ceremony, overrides)
        self.credentials[credential.id] = credential

        client_data_json = _client_data_json("webauthn.create", ceremony, origin, overrides)
        public_key = credential.private_key.public_key()
        encoded_key = _encoded(
            overrides.get("credential_public_key", cose.cose_key(public_key, credential.algorithm))
        )
        authenticator_data = _authenticator_data(
            credential,
            overrides,
            user_verified=self._verifies_user(_selection(ceremony), overrides),
            attested=self._attested_credential_data(credential, encoded_key, overrides),
        )
        attestation_object = self._attestation_object(
            credential, authenticator_data, client_data_json, overrides
        )
        response = {
            "clientDataJSON": encode_base64url(client_data_json),
            "authenticatorData": encode_base64url(authenticator_data),
            "transports": overrides.get("transports", list(self.transports)),
            "publicKey": encode_base64url(cose.subject_public_key_info(public_key)),
            "publicKeyAlgorithm": credential.algorithm,
            "attestationObject": encode_base64url(attestation_object),
        }
        results: JSONObject = {}
        if (ceremony.get("extensions") or {}).get("credProps"):
            results["credProps"] = {"rk": credential.is_discoverable}
        return self._public_key_credential(credential.id, response, overrides, results)

    def get(
        self, options: Options, origin: object, **overrides: Unpack[GetOverrides]
    ) -> JSONObject:
        """Answer `navigator.credentials.get()` with the AuthenticationResponseJSON of `toJSON()`.

        `options` are PublicKeyCredentialRequestOptionsJSON. The sign count rises by one, unless
        this authenticator does not count or `sign_count` is overridden.

        :raises NotAllowedError: if no credential fits, or user verification is required and not
            possible.
        """
        _refuse_unknown(overrides, GetOverrides.__optional_keys__)
        ceremony = _parsed(options)
        credential = overrides.get("credential") or self._find_credential(ceremony)
        if self.counts and "sign_count" not in overrides:
            credential.sign_count += 1

        client_data_json = _client_data_json("webauthn.get", ceremony, origin, overrides)
        authenticator_data = _authenticator_data(
            credential, overrides, user_verified=self._verifies_user(ceremony, overrides)
        )
        signature = _signature(
            overrides.get("signing_key", credential.private_key),
            credential.algorithm,
            authenticator_data + sha256(client_data_json).digest(),
            overrides,
        )
        response: JSONObject = {
            "clientDataJSON": encode_base64url(client_data_json),
            "authenticatorData": encode_base64url(authenticator_data),
            "signature": encode_base64url(signature),
        }
        default_handle = credential.user_handle if credential.is_discoverable else ABSENT
        user_handle = overrides.get("user_handle", default_handle)
        if user_handle is not ABSENT:
            response["userHandle"] = _text_of(user_handle)
        return self._public_key_credential(credential.id, response, overrides, {})

    def _refuse_excluded(self, options: JSONObject) -> None:
        excluded = {decode_base64url(each["id"]) for each in options.get("excludeCredentials", ())}
        if excluded & self.credentials.keys():
            raise InvalidStateError

    def _make_credential(self, options: JSONObject, overrides: CreateOverrides) -> Credential:
        algorithm = overrides.get("algorithm")
        if algorithm is None:
            algorithm = self._choose_algorithm(options)
        wish = _selection(options).get("residentKey", "discouraged")
        if wish == "required" and not self.can_discover:
            raise NotAllowedError
        return Credential(
            id=overrides.get("credential_id", os.urandom(CREDENTIAL_ID_BYTES)),
            private_key=overrides.get("private_key") or cose.generate_key(algorithm),
            algorithm=algorithm,
            rp_id=options["rp"]["id"],
            user_handle=decode_base64url(options["user"]["id"]),
            sign_count=overrides.get("sign_count", 0),
            is_discoverable=self.can_discover and wish != "discouraged",
            backup_eligible=overrides.get("backup_eligible", self.is_backed_up),
            backup_state=overrides.get("backup_state", self.is_backed_up),
        )

    def _choose_algorithm(self, options: JSONObject) -> int:
        for parameters in options["pubKeyCredParams"]:
            if parameters["alg"] in self.algorithms:
                return int(parameters["alg"])
        raise NotSupportedError

    def _find_credential(self, options: JSONObject) -> Credential:
        allowed = [decode_base64url(each["id"]) for each in options.get("allowCredentials", ())]
        for credential in self.credentials.values():
            fits = credential.id in allowed if allowed else credential.is_discoverable
            if fits and credential.rp_id == options["rpId"]:
                return credential
        raise NotAllowedError

    def _verifies_user(self, options: JSONObject, overrides: Overrides) -> bool:
        wish = options.get("userVerification", "preferred")
        if wish == "required" and not self.can_verify_user and "user_verified" not in overrides:
            raise NotAllowedError
        return self.can_verify_user and wish != "discouraged"

    def _attested_credential_data(
        self, credential: Credential, encoded_key: bytes, overrides: CreateOverrides
    ) -> bytes:
        # L3 §6.5.1: aaguid, credentialIdLength, credentialId, credentialPublicKey.
        if "attested_credential_data" in overrides:
            return overrides["attested_credential_data"]
        length = overrides.get("credential_id_length", len(credential.id))
        return b"".join(
            [
                overrides.get("aaguid", self.aaguid),
                length.to_bytes(2, "big"),
                credential.id,
                encoded_key,
            ]
        )

    def _attestation_object(
        self,
        credential: Credential,
        authenticator_data: bytes,
        client_data_json: bytes,
        overrides: CreateOverrides,
    ) -> bytes:
        if "attestation_object" in overrides:
            return overrides["attestation_object"]
        statement = self._attestation_statement(
            credential, authenticator_data, client_data_json, overrides
        )
        format_name = overrides.get("format", self.attestation.removesuffix("-self"))
        return cose.encode(
            {"fmt": format_name, "attStmt": statement, "authData": authenticator_data}
        )

    def _attestation_statement(
        self,
        credential: Credential,
        authenticator_data: bytes,
        client_data_json: bytes,
        overrides: CreateOverrides,
    ) -> object:
        if "attestation_statement" in overrides:
            return overrides["attestation_statement"]
        client_data_hash = sha256(client_data_json).digest()
        statement: JSONObject = {}
        match self.attestation:
            case "packed-self":
                # L3 §8.2, self attestation: the credential key vouches for itself.
                key = overrides.get("signing_key", credential.private_key)
                signed = authenticator_data + client_data_hash
                signature = _signature(key, credential.algorithm, signed, overrides)
                statement = {"alg": credential.algorithm, "sig": signature}
            case "packed":
                key = overrides.get("signing_key", self.attestation_authority.private_key)
                signed = authenticator_data + client_data_hash
                signature = _signature(key, ES256, signed, overrides)
                statement = {"alg": ES256, "sig": signature, "x5c": self._x5c}
            case "fido-u2f":
                key = overrides.get("signing_key", self.attestation_authority.private_key)
                signed = _u2f_signed_data(authenticator_data, client_data_hash, credential)
                signature = _signature(key, ES256, signed, overrides)
                statement = {"sig": signature, "x5c": self._x5c}
        return _merged(statement, overrides.get("statement", {}))

    @property
    def _x5c(self) -> list[bytes]:
        certificate = self.attestation_authority.certificate
        return [certificate.public_bytes(serialization.Encoding.DER)]

    def _public_key_credential(
        self,
        credential_id: bytes,
        response: JSONObject,
        overrides: Overrides,
        extension_results: JSONObject,
    ) -> JSONObject:
        outer_id = _text_of(overrides.get("outer_id", credential_id))
        credential = {
            "id": outer_id,
            "rawId": outer_id,
            "type": "public-key",
            "authenticatorAttachment": overrides.get("attachment", self.attachment),
            "clientExtensionResults": extension_results,
            "response": _merged(response, overrides.get("response_members", {})),
        }
        return _merged(credential, overrides.get("members", {}))


class AttestationAuthority:
    """A root certificate and the certificate it issued for one authenticator model. L3 §8.2.1."""

    def __init__(self, aaguid: bytes) -> None:
        root_key = ec.generate_private_key(ec.SECP256R1())
        root_name = _distinguished_name("Software Authenticator Root")
        self.private_key = ec.generate_private_key(ec.SECP256R1())
        self.root = (
            _certificate(root_name, root_name, root_key.public_key())
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .sign(root_key, hashes.SHA256())
        )
        model_name = _distinguished_name("Software Authenticator", "Authenticator Attestation")
        model = _certificate(root_name, model_name, self.private_key.public_key()).add_extension(
            x509.BasicConstraints(ca=False, path_length=None), critical=True
        )
        if aaguid != NO_AAGUID:
            # The extension's value is an OCTET STRING of 16 bytes.
            octets = x509.UnrecognizedExtension(AAGUID_EXTENSION, b"\x04\x10" + aaguid)
            model = model.add_extension(octets, critical=False)
        self.certificate = model.sign(root_key, hashes.SHA256())

    @property
    def root_pem(self) -> bytes:
        """The root certificate in PEM, as py_webauthn takes it."""
        return self.root.public_bytes(serialization.Encoding.PEM)


def encode_base64url(data: bytes) -> str:
    """Return base64url without padding."""
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def decode_base64url(text: str) -> bytes:
    """Return the bytes of base64url without padding."""
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _parsed(options: Options) -> JSONObject:
    parsed = dict(options) if isinstance(options, Mapping) else json.loads(options)
    # Some pages send the argument of `create` or `get`, some the member `publicKey` of it.
    unwrapped: JSONObject = parsed.get("publicKey", parsed)
    return unwrapped


def _selection(options: JSONObject) -> JSONObject:
    selection: JSONObject = options.get("authenticatorSelection") or {}
    return selection


def _client_data_json(
    ceremony: str, options: JSONObject, origin: object, overrides: Overrides
) -> bytes:
    if "client_data_json" in overrides:
        return overrides["client_data_json"]
    challenge = overrides.get("challenge", decode_base64url(options["challenge"]))
    # In the order of L3 §5.8.1.1.
    client_data = {
        "type": overrides.get("type", ceremony),
        "challenge": encode_base64url(challenge),
        "origin": origin,
        "crossOrigin": overrides.get("cross_origin", False),
        "topOrigin": overrides.get("top_origin", ABSENT),
    }
    members = _merged(client_data, overrides.get("client_data", {}))
    return json.dumps(members, separators=(",", ":")).encode()


def _authenticator_data(
    credential: Credential,
    overrides: Overrides,
    *,
    user_verified: bool,
    attested: bytes = b"",
) -> bytes:
    # L3 §6.1: rpIdHash, flags, signCount, attestedCredentialData, extensions.
    if "authenticator_data" in overrides:
        return overrides["authenticator_data"]
    rp_id_hash = sha256(overrides.get("rp_id", credential.rp_id).encode()).digest()
    extensions = overrides.get("extensions", b"")
    chosen = [
        (USER_PRESENT, overrides.get("user_present", True)),
        (USER_VERIFIED, overrides.get("user_verified", user_verified)),
        (BACKUP_ELIGIBLE, overrides.get("backup_eligible", credential.backup_eligible)),
        (BACKUP_STATE, overrides.get("backup_state", credential.backup_state)),
        (ATTESTED_CREDENTIAL_DATA, bool(attested)),
        (EXTENSION_DATA, bool(extensions)),
    ]
    flags = overrides.get("flags", sum(bit for bit, is_set in chosen if is_set))
    sign_count = overrides.get("sign_count", credential.sign_count)
    return b"".join(
        [
            overrides.get("rp_id_hash", rp_id_hash),
            bytes([flags]),
            sign_count.to_bytes(4, "big"),
            attested,
            extensions,
        ]
    )


def _signature(key: PrivateKey, algorithm: int, signed_data: bytes, overrides: Overrides) -> bytes:
    if "signature" in overrides:
        return overrides["signature"]
    signature = cose.sign(key, algorithm, overrides.get("signed_data", signed_data))
    mutate = overrides.get("mutate_signature")
    return mutate(signature) if mutate else signature


def _u2f_signed_data(
    authenticator_data: bytes, client_data_hash: bytes, credential: Credential
) -> bytes:
    # L3 §8.6: 0x00, rpIdHash, clientDataHash, credentialId, publicKeyU2F (X9.62, uncompressed).
    point = credential.private_key.public_key().public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    )
    return b"".join([b"\0", authenticator_data[:32], client_data_hash, credential.id, point])


def _encoded(value: Mapping[Any, object] | bytes) -> bytes:
    return value if isinstance(value, bytes) else cose.encode(dict(value))


def _text_of(value: object) -> object:
    return encode_base64url(value) if isinstance(value, bytes) else value


def _merged(members: Mapping[str, object], changes: Mapping[str, object]) -> JSONObject:
    return {name: value for name, value in {**members, **changes}.items() if value is not ABSENT}


def _refuse_unknown(overrides: Mapping[str, object], known: frozenset[str]) -> None:
    # A misspelled override would leave the answer honest, and a refusal test fail for no visible
    # reason.
    unknown = overrides.keys() - known
    if unknown:
        raise TypeError(f"There is no override named {', '.join(sorted(unknown))}.")


def _distinguished_name(common_name: str, unit: str = "Tests") -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "US"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Software Authenticator"),
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, unit),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )


def _certificate(
    issuer: x509.Name, subject: x509.Name, public_key: ec.EllipticCurvePublicKey
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .issuer_name(issuer)
        .subject_name(subject)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2060, 1, 1, tzinfo=UTC))
    )
