"""Whatever is sent, a ceremony accepts or refuses: no other error comes out."""

import copy
import json
from typing import Any

import cbor2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.common import vectors
from tests.common.authenticator import decode_base64url, encode_base64url
from warehouse_mfa.webauthn import ceremony
from warehouse_mfa.webauthn.ceremony import CeremonyRefused, RelyingParty, StoredCredential

L3 = vectors.load("webauthn-l3")
PARTY = RelyingParty(L3["rp_id"], "Vectors", L3["origin"])
NAMES = ["none.ES256", "packed-self.ES256", "packed.RS256", "packed.EdDSA", "tpm.ES256"]
FAST = settings(max_examples=100, deadline=None)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4)
    ),
    max_leaves=8,
)
CBOR_KEYS = st.integers(-5, 10) | st.text(max_size=8) | st.booleans()
CBOR = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | st.text(max_size=20)
    | st.binary(max_size=80)
    | st.builds(cbor2.CBORTag, st.integers(0, 300), st.integers() | st.binary(max_size=8)),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(CBOR_KEYS, inner, max_size=4),
    max_leaves=8,
)
MEMBERS = ["id", "rawId", "type", "response", "authenticatorAttachment", "clientExtensionResults"]
RESPONSE = ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "transports"]
CLIENT_DATA = ["type", "challenge", "origin", "crossOrigin", "topOrigin", "tokenBinding"]


@st.composite
def vector_of(draw: Any) -> Any:
    name = draw(st.sampled_from(NAMES))
    return next(vector for vector in L3["vectors"] if vector["name"] == name)


@st.composite
def changed_bytes(draw: Any, honest: bytes) -> bytes:
    """Bytes with a few of them changed, cut out, or put in."""
    data = bytearray(honest)
    for _ in range(draw(st.integers(1, 3))):
        place = draw(st.integers(0, max(0, len(data) - 1)))
        match draw(st.sampled_from(["flip", "cut", "insert", "end"])):
            case "flip" if data:
                data[place] ^= draw(st.integers(1, 255))
            case "cut":
                del data[place : place + draw(st.integers(1, 40))]
            case "insert":
                data[place:place] = draw(st.binary(min_size=1, max_size=40))
            case "end":
                del data[place:]
    return bytes(data)


def refuses_or_accepts(verify: Any) -> Any:
    """Return what a ceremony function gives; `None` for a refusal. Anything else comes out."""
    try:
        return verify()
    except CeremonyRefused:
        return None


def register(vector: Any, credential: Any) -> Any:
    challenge = vectors.challenge(vector, "registration")
    for read in (ceremony.challenge_of, ceremony.credential_id_of):
        refuses_or_accepts(lambda read=read: read(credential))
    return refuses_or_accepts(lambda: ceremony.verify_registration(PARTY, credential, challenge))


def authenticate(vector: Any, credential: Any) -> Any:
    challenge = vectors.challenge(vector, "authentication")
    stored = StoredCredential(
        bytes.fromhex(vector["credential_id"]),
        bytes.fromhex(vector["credential_public_key"]),
        0,
        vector["registration"]["flags"]["be"],
        b"handle",
    )
    return refuses_or_accepts(
        lambda: ceremony.verify_authentication(PARTY, credential, challenge, stored)
    )


def with_response(credential: Any, **members: bytes) -> Any:
    changed = copy.deepcopy(credential)
    changed["response"] |= {name: encode_base64url(value) for name, value in members.items()}
    return changed


@FAST
@given(vector_of(), st.data())
def test_registration_answers_changed_json_cleanly(vector: Any, data: st.DataObject) -> None:
    credential = vectors.registration_credential(vector)
    where = data.draw(st.sampled_from([credential, credential["response"]]))
    where[data.draw(st.sampled_from(MEMBERS + RESPONSE))] = data.draw(JSON)

    register(vector, credential)


@FAST
@given(vector_of(), st.data())
def test_registration_answers_changed_client_data_cleanly(vector: Any, data: st.DataObject) -> None:
    credential = vectors.registration_credential(vector)
    client_data = json.loads(decode_base64url(credential["response"]["clientDataJSON"]))
    client_data[data.draw(st.sampled_from(CLIENT_DATA))] = data.draw(JSON)
    encoded = json.dumps(client_data).encode()

    register(vector, with_response(credential, clientDataJSON=encoded))


@FAST
@given(vector_of(), st.data())
def test_registration_answers_changed_bytes_cleanly(vector: Any, data: st.DataObject) -> None:
    credential = vectors.registration_credential(vector)
    member = data.draw(st.sampled_from(["clientDataJSON", "attestationObject"]))
    changed = data.draw(changed_bytes(decode_base64url(credential["response"][member])))

    register(vector, with_response(credential, **{member: changed}))


@FAST
@given(vector_of(), st.data())
def test_registration_answers_a_changed_attestation_object_cleanly(
    vector: Any, data: st.DataObject
) -> None:
    credential = vectors.registration_credential(vector)
    attestation = cbor2.loads(decode_base64url(credential["response"]["attestationObject"]))
    where = data.draw(st.sampled_from([attestation, attestation["attStmt"]]))
    names = st.sampled_from(["fmt", "attStmt", "authData", "alg", "sig", "x5c", "ver", "certInfo"])
    where[data.draw(names)] = data.draw(CBOR)

    register(vector, with_response(credential, attestationObject=cbor2.dumps(attestation)))


@pytest.mark.attack("P-068")
@FAST
@given(
    vector_of(),
    st.sampled_from(
        [
            "none",
            "packed",
            "tpm",
            "android-key",
            "android-safetynet",
            "apple",
            "fido-u2f",
            "compound",
            "unknown",
            "",
        ]
    ),
    st.dictionaries(
        st.sampled_from(
            ["alg", "sig", "x5c", "ver", "certInfo", "pubArea", "response", "ecdaaKeyId"]
        ),
        CBOR | st.lists(st.integers() | st.binary(max_size=60), max_size=3),
    ),
)
def test_registration_answers_any_attestation_statement_cleanly(
    vector: Any, format_name: str, statement: dict[str, Any]
) -> None:
    credential = vectors.registration_credential(vector)
    attestation = cbor2.loads(decode_base64url(credential["response"]["attestationObject"]))
    attestation |= {"fmt": format_name, "attStmt": statement}

    accepted = register(
        vector, with_response(credential, attestationObject=cbor2.dumps(attestation))
    )

    # Nobody guesses a signature; what is left is the format that states nothing.
    assert accepted is None or format_name == "none"


@FAST
@given(vector_of(), st.binary(max_size=400))
def test_registration_answers_any_authenticator_data_cleanly(vector: Any, junk: bytes) -> None:
    credential = vectors.registration_credential(vector)
    for authenticator_data in (
        junk,
        bytes.fromhex(vector["registration"]["authenticator_data"])[:55] + junk,
    ):
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": authenticator_data})

        assert register(vector, with_response(credential, attestationObject=attestation)) is None


@FAST
@given(vector_of(), CBOR)
def test_registration_answers_any_public_key_cleanly(vector: Any, key: Any) -> None:
    credential = vectors.registration_credential(vector)
    honest = bytes.fromhex(vector["registration"]["authenticator_data"])
    encoded_key = bytes.fromhex(vector["credential_public_key"])
    authenticator_data = honest.removesuffix(encoded_key) + cbor2.dumps(key)
    attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": authenticator_data})

    register(vector, with_response(credential, attestationObject=attestation))


@FAST
@given(vector_of(), st.data())
def test_authentication_answers_changed_json_cleanly(vector: Any, data: st.DataObject) -> None:
    credential = vectors.authentication_credential(vector)
    where = data.draw(st.sampled_from([credential, credential["response"]]))
    where[data.draw(st.sampled_from([*MEMBERS, *RESPONSE, "userHandle"]))] = data.draw(JSON)

    authenticate(vector, credential)


@FAST
@given(vector_of(), st.data())
def test_authentication_refuses_whatever_was_not_signed(vector: Any, data: st.DataObject) -> None:
    credential = vectors.authentication_credential(vector)
    member = data.draw(st.sampled_from(["clientDataJSON", "authenticatorData"]))
    honest = decode_base64url(credential["response"][member])
    changed = data.draw(changed_bytes(honest))

    accepted = authenticate(vector, with_response(credential, **{member: changed}))

    assert accepted is None or changed == honest


@FAST
@given(vector_of(), st.binary(max_size=600))
def test_authentication_refuses_any_other_signature(vector: Any, signature: bytes) -> None:
    credential = vectors.authentication_credential(vector)

    assert authenticate(vector, with_response(credential, signature=signature)) is None


@FAST
@given(JSON)
def test_both_ceremonies_refuse_any_json_object(value: Any) -> None:
    vector = L3["vectors"][0]
    for credential in ({"response": value}, {"response": {"clientDataJSON": value}}):
        assert register(vector, credential) is None
        assert authenticate(vector, credential) is None
