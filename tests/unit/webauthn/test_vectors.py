"""Both ceremonies against the vectors of the specification, and what is signed with their keys."""

import json
from hashlib import sha256
from typing import Any
from uuid import UUID

import pytest

from tests.common import cose, vectors
from tests.common.authenticator import encode_base64url
from warehouse_mfa.webauthn import ceremony
from warehouse_mfa.webauthn.ceremony import (
    Assertion,
    CeremonyRefused,
    CounterDidNotRise,
    NewCredential,
    RelyingParty,
    StoredCredential,
)

L3 = vectors.load("webauthn-l3")
ALL = L3["vectors"]
PARTY = RelyingParty(L3["rp_id"], "Vectors", L3["origin"])


def of(ceremony: str, *answers: str) -> Any:
    """Parametrize by the vectors whose expected answer is one of `answers`."""
    chosen = [vector for vector in ALL if vector["expected"][ceremony] in answers]
    return pytest.mark.parametrize("vector", chosen, ids=vectors.vector_ids(chosen))


def stored(vector: Any, **changes: Any) -> StoredCredential:
    values = {
        "id": bytes.fromhex(vector["credential_id"]),
        "public_key": bytes.fromhex(vector["credential_public_key"]),
        "sign_count": 0,
        "is_backup_eligible": vector["registration"]["flags"]["be"],
        "user_handle": b"handle",
    }
    return StoredCredential(**{**values, **changes})


def register(vector: Any) -> NewCredential:
    return ceremony.verify_registration(
        PARTY,
        vectors.registration_credential(vector),
        vectors.challenge(vector, "registration"),
    )


def authenticate(vector: Any, **changes: Any) -> Assertion:
    return ceremony.verify_authentication(
        PARTY,
        vectors.authentication_credential(vector),
        vectors.challenge(vector, "authentication"),
        stored(vector, **changes),
    )


def test_there_are_fifteen_vectors_with_an_answer_for_each_ceremony() -> None:
    expected = [vector["expected"] for vector in ALL]

    assert len(ALL) == 15
    assert {answer["registration"] for answer in expected} == {"accept", "reject"}
    assert {answer["authentication"] for answer in expected} == {"accept", "reject", "either"}


@of("registration", "accept")
def test_registration_takes_the_vector(vector: Any) -> None:
    new = register(vector)

    flags = vector["registration"]["flags"]
    assert new == NewCredential(
        id=bytes.fromhex(vector["credential_id"]),
        public_key=bytes.fromhex(vector["credential_public_key"]),
        sign_count=0,
        transports=(),
        aaguid=UUID(vector["aaguid"]),
        is_backup_eligible=flags["be"],
        is_backed_up=flags["bs"],
        is_user_verified=flags["uv"],
    )


@of("registration", "reject")
def test_registration_refuses_the_vector(vector: Any) -> None:
    with pytest.raises(CeremonyRefused):
        register(vector)


@of("authentication", "accept")
def test_authentication_takes_the_vector(vector: Any) -> None:
    assertion = authenticate(vector)

    flags = vector["authentication"]["flags"]
    assert assertion == Assertion(0, flags["bs"], flags["uv"])


@of("authentication", "reject")
def test_authentication_refuses_the_vector(vector: Any) -> None:
    with pytest.raises(CeremonyRefused):
        authenticate(vector)


@of("authentication", "either")
def test_authentication_takes_or_refuses_the_vector_cleanly(vector: Any) -> None:
    try:
        assertion = authenticate(vector)
    except CeremonyRefused:
        return
    assert assertion.sign_count == 0


@of("registration", "accept", "reject")
def test_registration_refuses_the_vector_for_another_challenge(vector: Any) -> None:
    with pytest.raises(CeremonyRefused):
        ceremony.verify_registration(
            PARTY,
            vectors.registration_credential(vector),
            vectors.challenge(vector, "authentication"),
        )


@of("authentication", "accept")
def test_authentication_refuses_the_vector_for_another_challenge(vector: Any) -> None:
    with pytest.raises(CeremonyRefused):
        ceremony.verify_authentication(
            PARTY,
            vectors.authentication_credential(vector),
            vectors.challenge(vector, "registration"),
            stored(vector),
        )


@of("authentication", "accept")
@pytest.mark.parametrize(
    "party",
    [
        RelyingParty("example.com", "Vectors", "https://example.org"),
        RelyingParty("org", "Vectors", "https://example.org"),
        RelyingParty("example.org", "Vectors", "https://www.example.org"),
        RelyingParty("example.org", "Vectors", "http://example.org"),
    ],
    ids=["RP ID", "parent RP ID", "origin", "scheme"],
)
def test_authentication_refuses_the_vector_at_another_party(
    vector: Any, party: RelyingParty
) -> None:
    with pytest.raises(CeremonyRefused):
        ceremony.verify_authentication(
            party,
            vectors.authentication_credential(vector),
            vectors.challenge(vector, "authentication"),
            stored(vector),
        )


@of("authentication", "accept")
def test_authentication_refuses_the_vector_when_backup_eligibility_changed(vector: Any) -> None:
    with pytest.raises(CeremonyRefused, match="backup eligibility"):
        authenticate(vector, is_backup_eligible=not vector["registration"]["flags"]["be"])


@of("authentication", "accept")
def test_authentication_refuses_the_count_of_the_vector_after_a_higher_one(vector: Any) -> None:
    with pytest.raises(CounterDidNotRise):
        authenticate(vector, sign_count=1)


@of("authentication", "accept")
def test_authentication_refuses_the_vector_with_the_key_of_the_next_one(vector: Any) -> None:
    other = ALL[(ALL.index(vector) + 1) % len(ALL)]

    with pytest.raises(CeremonyRefused):
        authenticate(vector, public_key=bytes.fromhex(other["credential_public_key"]))


@of("authentication", "accept")
def test_authentication_takes_a_further_assertion_by_the_key_of_the_vector(vector: Any) -> None:
    assert sign_further(vector, vectors.private_key(vector)) == Assertion(7, False, True)


@of("authentication", "accept")
def test_authentication_refuses_a_further_assertion_by_another_key(vector: Any) -> None:
    stranger = cose.generate_key(vector["credential_algorithm"])

    with pytest.raises(CeremonyRefused):
        sign_further(vector, stranger)


def sign_further(vector: Any, key: cose.PrivateKey) -> Assertion:
    """Verify an assertion for a challenge of our own, with user verification and count 7."""
    challenge = b"a challenge of this test, not of the vectors"
    client_data = json.dumps(
        {
            "type": "webauthn.get",
            "challenge": encode_base64url(challenge),
            "origin": PARTY.origin,
            "crossOrigin": False,
        }
    ).encode()
    flags = 0x05 | (0x08 if vector["registration"]["flags"]["be"] else 0)
    rp_id_hash = bytes.fromhex(vector["authentication"]["authenticator_data"])[:32]
    authenticator_data = rp_id_hash + bytes([flags, 0, 0, 0, 7])
    signed = authenticator_data + sha256(client_data).digest()
    credential = vectors.authentication_credential(vector)
    credential["response"] = {
        "clientDataJSON": encode_base64url(client_data),
        "authenticatorData": encode_base64url(authenticator_data),
        "signature": encode_base64url(cose.sign(key, vector["credential_algorithm"], signed)),
    }
    return ceremony.verify_authentication(PARTY, credential, challenge, stored(vector))
