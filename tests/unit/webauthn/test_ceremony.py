"""What the ceremonies check beyond the library, and what they ask for."""

import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, mldsa, rsa
from webauthn.helpers import (
    parse_authentication_options_json,
    parse_registration_options_json,
)

from tests.common import cose
from tests.common.authenticator import ABSENT, encode_base64url
from tests.common.cose import (
    ED448,
    EDDSA,
    ES256,
    ES256K,
    ES384,
    ES512,
    ML_DSA_44,
    ML_DSA_65,
    ML_DSA_87,
    PS256,
    RS1,
    RS256,
    RS384,
    RS512,
)
from warehouse_mfa.webauthn import ceremony
from warehouse_mfa.webauthn.ceremony import (
    CeremonyRefused,
    CounterDidNotRise,
    KnownCredential,
    RelyingParty,
    UserAccount,
)

PARTY = RelyingParty("pypi.example", "Package Index", "https://pypi.example")
OFFERED = [EDDSA, ES256, RS256, ML_DSA_44, ML_DSA_65, ML_DSA_87]
KNOWN = KnownCredential(b"i" * 16, ("smart-card", "usb"))

# Asked for


def test_registration_options_are_those_of_the_specification() -> None:
    user = UserAccount(b"h" * 64, "alice", "Alice Example")

    options = ceremony.registration_options(PARTY, user, b"challenge", exclude=[KNOWN])

    assert options == {
        "rp": {"id": "pypi.example", "name": "Package Index"},
        "user": {
            "id": encode_base64url(b"h" * 64),
            "name": "alice",
            "displayName": "Alice Example",
        },
        "challenge": encode_base64url(b"challenge"),
        "pubKeyCredParams": [{"type": "public-key", "alg": alg} for alg in OFFERED],
        "timeout": 300_000,
        "attestation": "none",
        "authenticatorSelection": {
            "residentKey": "discouraged",
            "requireResidentKey": False,
            "userVerification": "discouraged",
        },
        "excludeCredentials": [
            {
                "type": "public-key",
                "id": encode_base64url(b"i" * 16),
                "transports": ["smart-card", "usb"],
            }
        ],
    }
    assert parse_registration_options_json(json.dumps({**options, "excludeCredentials": []}))


def test_authentication_options_are_those_of_the_specification() -> None:
    options = ceremony.authentication_options(PARTY, b"challenge", [KNOWN])

    assert options == {
        "rpId": "pypi.example",
        "challenge": encode_base64url(b"challenge"),
        "timeout": 300_000,
        "userVerification": "discouraged",
        "allowCredentials": [
            {
                "type": "public-key",
                "id": encode_base64url(b"i" * 16),
                "transports": ["smart-card", "usb"],
            }
        ],
    }
    assert parse_authentication_options_json(json.dumps({**options, "allowCredentials": []}))


def test_a_credential_without_transports_names_none() -> None:
    options = ceremony.authentication_options(PARTY, b"c", [KnownCredential(b"i" * 16, ())])

    assert "transports" not in options["allowCredentials"][0]


# Read from an answer


@pytest.mark.parametrize("challenge", ["", None, 5, [], {}, True, "*", "ä", "a", "\ud800"])
def test_challenge_of_refuses_what_is_no_challenge(challenge: object) -> None:
    client_data = json.dumps({"challenge": challenge}).encode()
    credential = {"response": {"clientDataJSON": encode_base64url(client_data)}}

    with pytest.raises(CeremonyRefused):
        ceremony.challenge_of(credential)


@pytest.mark.parametrize(
    "client_data",
    [
        b"",
        b"null",
        b"[]",
        b"5",
        b"{",
        b"{}",
        b"\xff",
        b"[" * 20_000,
        b'{"challenge":' + b"9" * 5000,
    ],
)
def test_challenge_of_refuses_client_data_that_holds_none(client_data: bytes) -> None:
    credential = {"response": {"clientDataJSON": encode_base64url(client_data)}}

    with pytest.raises(CeremonyRefused):
        ceremony.challenge_of(credential)


@pytest.mark.parametrize(
    "credential",
    [
        {},
        {"response": None},
        {"response": []},
        {"response": {}},
        {"response": {"clientDataJSON": None}},
        {"response": {"clientDataJSON": 5}},
        {"response": {"clientDataJSON": "e"}},
        {"response": {"clientDataJSON": "e30+/"}},
        {"response": {"clientDataJSON": "é"}},
    ],
)
def test_challenge_of_refuses_an_answer_without_client_data(credential: dict[str, Any]) -> None:
    with pytest.raises(CeremonyRefused):
        ceremony.challenge_of(credential)


@pytest.mark.parametrize(
    "credential",
    [
        {},
        {"id": "YQ"},
        {"rawId": "YQ"},
        {"id": "YQ", "rawId": "Yg"},
        {"id": 5, "rawId": 5},
        {"id": None, "rawId": None},
        {"id": "*", "rawId": "*"},
        {"id": "é", "rawId": "é"},
    ],
)
def test_credential_id_of_refuses_an_answer_without_one_id(credential: dict[str, Any]) -> None:
    with pytest.raises(CeremonyRefused):
        ceremony.credential_id_of(credential)


# Public keys. L3 §7.1, credential public key: type, curve and algorithm agree.

ALGORITHMS = {
    ES256: ec.generate_private_key(ec.SECP256R1()).public_key(),
    EDDSA: ed25519.Ed25519PrivateKey.generate().public_key(),
    RS256: rsa.generate_private_key(65537, 2048).public_key(),
    ML_DSA_44: mldsa.MLDSA44PrivateKey.generate().public_key(),
    ML_DSA_65: mldsa.MLDSA65PrivateKey.generate().public_key(),
    ML_DSA_87: mldsa.MLDSA87PrivateKey.generate().public_key(),
}
OTHER_KEYS = {
    "P-384": ec.generate_private_key(ec.SECP384R1()).public_key(),
    "P-521": ec.generate_private_key(ec.SECP521R1()).public_key(),
    "secp256k1": ec.generate_private_key(ec.SECP256K1()).public_key(),
    "Ed448": ed448.Ed448PrivateKey.generate().public_key(),
}
POINT = cose.cose_key(ALGORITHMS[ES256], ES256)


@pytest.mark.parametrize("algorithm", OFFERED)
def test_registration_takes_a_key_of_its_algorithm(ceremonies: Any, algorithm: int) -> None:
    key = cose.cose_key(ALGORITHMS[algorithm], algorithm)

    assert ceremonies.register(credential_public_key=key).public_key == cose.encode(key)


@pytest.mark.attack("P-063")
@pytest.mark.parametrize(
    ("stated", "actual"),
    [(stated, actual) for stated in OFFERED for actual in OFFERED if stated != actual],
)
def test_registration_refuses_a_key_of_another_type_than_it_states(
    ceremonies: Any, stated: int, actual: int
) -> None:
    key = cose.cose_key(ALGORITHMS[actual], stated)

    with pytest.raises(CeremonyRefused):
        ceremonies.register(credential_public_key=key)


@pytest.mark.attack("P-063")
@pytest.mark.parametrize("stated", OFFERED)
@pytest.mark.parametrize("actual", OTHER_KEYS)
def test_registration_refuses_a_key_on_a_curve_that_is_not_offered(
    ceremonies: Any, stated: int, actual: str
) -> None:
    key = cose.cose_key(OTHER_KEYS[actual], stated)

    with pytest.raises(CeremonyRefused):
        ceremonies.register(credential_public_key=key)


@pytest.mark.parametrize(
    "key",
    [
        {**POINT, -2: bytes(32)},
        {**POINT, -2: POINT[-2][:-1]},
        {**POINT, -3: POINT[-3][:-1] + bytes([POINT[-3][-1] ^ 1])},
        {**POINT, -2: b"", -3: b""},
        {**POINT, -3: True},
        {**POINT, -1: 2},
        {**POINT, -1: "P-256"},
        {**POINT, 1: 1},
        {**POINT, 1: "EC2"},
        {**POINT, 3: "ES256"},
        {**POINT, 3: [ES256]},
        {name: value for name, value in POINT.items() if name != 1},
        {name: value for name, value in POINT.items() if name != 3},
        {name: value for name, value in POINT.items() if name != -1},
        {name: value for name, value in POINT.items() if name != -3},
        {},
        [],
        4,
        None,
        "key",
    ],
    ids=range(20),
)
def test_registration_refuses_a_key_that_is_no_point_on_the_curve(
    ceremonies: Any, key: object
) -> None:
    with pytest.raises(CeremonyRefused):
        ceremonies.register(credential_public_key=cose.encode(key))


@pytest.mark.parametrize(
    ("modulus_bits", "exponent"),
    [(1024, 65537), (2047, 65537), (2048, 1), (2048, 2), (2048, 65536), (2048, 0)],
)
def test_registration_refuses_a_weak_rsa_key(
    ceremonies: Any, modulus_bits: int, exponent: int
) -> None:
    modulus = (1 << modulus_bits - 1) + 1
    key = {
        1: 3,
        3: RS256,
        -1: modulus.to_bytes((modulus_bits + 7) // 8, "big"),
        -2: exponent.to_bytes(3, "big"),
    }

    with pytest.raises(CeremonyRefused):
        ceremonies.register(credential_public_key=key)


# Registration


@pytest.mark.attack("P-063")
@pytest.mark.parametrize("algorithm", [ES384, ES512, ES256K, ED448, PS256, RS384, RS512, RS1])
def test_registration_refuses_an_algorithm_that_was_not_offered(
    ceremonies: Any, algorithm: int
) -> None:
    with pytest.raises(CeremonyRefused):
        ceremonies.register(algorithm=algorithm)


@pytest.mark.parametrize(
    ("transports", "kept"),
    [
        (["usb"], ("usb",)),
        (["usb", "nfc", "ble"], ("ble", "nfc", "usb")),
        (["hybrid", "internal", "smart-card"], ("hybrid", "internal", "smart-card")),
        (["usb", "usb"], ("usb",)),
        (["usb", "cable", "USB", "usb,nfc", "<script>"], ("usb",)),
        (["usb", None, 5, [], {}, ["nfc"]], ("usb",)),
        ([], ()),
        ("usb", ()),
        ({"usb": True}, ()),
        (None, ()),
        (ABSENT, ()),
    ],
)
def test_registration_keeps_the_transports_of_the_specification(
    ceremonies: Any, transports: object, kept: tuple[str, ...]
) -> None:
    assert ceremonies.register(transports=transports).transports == kept


@pytest.mark.parametrize(("eligible", "backed_up"), [(False, False), (True, False), (True, True)])
def test_registration_notes_the_backup_flags(
    ceremonies: Any, eligible: bool, backed_up: bool
) -> None:
    new = ceremonies.register(backup_eligible=eligible, backup_state=backed_up)

    assert (new.is_backup_eligible, new.is_backed_up) == (eligible, backed_up)


@pytest.mark.parametrize("length", [16, 17, 64, 1023])
def test_registration_takes_a_credential_id_of_a_length_in_bounds(
    ceremonies: Any, length: int
) -> None:
    assert len(ceremonies.register(credential_id=b"i" * length).id) == length


@pytest.mark.parametrize("length", [0, 1, 15, 1024, 65_535])
def test_registration_refuses_a_credential_id_of_a_length_out_of_bounds(
    ceremonies: Any, length: int
) -> None:
    with pytest.raises(CeremonyRefused):
        ceremonies.register(credential_id=b"i" * length)


def test_registration_refuses_an_outer_id_that_is_not_the_attested_one(ceremonies: Any) -> None:
    with pytest.raises(CeremonyRefused, match="differ"):
        ceremonies.register(outer_id=b"o" * 32)


# Authentication


def test_authentication_takes_a_count_that_rises(ceremonies: Any) -> None:
    new = ceremonies.register()

    assert ceremonies.authenticate(new, stored_count=4, sign_count=5).sign_count == 5


def test_authentication_takes_a_count_that_is_always_zero(ceremonies: Any) -> None:
    new = ceremonies.register()

    assert ceremonies.authenticate(new, stored_count=0, sign_count=0).sign_count == 0


@pytest.mark.attack("P-077")
@pytest.mark.parametrize("sent", [5, 4, 1, 0])
def test_authentication_tells_a_count_that_does_not_rise_apart(ceremonies: Any, sent: int) -> None:
    new = ceremonies.register()

    with pytest.raises(CounterDidNotRise):
        ceremonies.authenticate(new, stored_count=5, sign_count=sent)


def test_a_count_that_does_not_rise_under_a_wrong_signature_accuses_nobody(
    ceremonies: Any,
) -> None:
    new = ceremonies.register()

    with pytest.raises(CeremonyRefused) as refused:
        ceremonies.authenticate(
            new, stored_count=5, sign_count=4, signing_key=cose.generate_key(EDDSA)
        )

    assert not isinstance(refused.value, CounterDidNotRise)


@pytest.mark.parametrize(
    "handle", [b"somebody else", b"", "", 5, [], "*", "é"], ids=lambda handle: repr(handle)
)
def test_authentication_refuses_the_user_handle_of_somebody_else(
    ceremonies: Any, handle: object
) -> None:
    new = ceremonies.register()

    with pytest.raises(CeremonyRefused):
        ceremonies.authenticate(new, user_handle=handle)


@pytest.mark.parametrize("handle", [b"h" * 64, ABSENT, None], ids=["own", "absent", "null"])
def test_authentication_takes_the_own_user_handle_or_none(ceremonies: Any, handle: object) -> None:
    new = ceremonies.register()

    assert ceremonies.authenticate(new, user_handle=handle).sign_count == 1


@pytest.mark.parametrize("verified", [False, True])
def test_authentication_notes_user_verification(ceremonies: Any, verified: bool) -> None:
    new = ceremonies.register()

    assert ceremonies.authenticate(new, user_verified=verified).is_user_verified is verified


@pytest.mark.parametrize("changed", [False, True])
def test_authentication_refuses_a_changed_backup_eligibility(
    ceremonies: Any, changed: bool
) -> None:
    new = ceremonies.register(backup_eligible=not changed)

    with pytest.raises(CeremonyRefused, match="backup eligibility"):
        ceremonies.authenticate(new, backup_eligible=changed)


@pytest.mark.parametrize("algorithm", OFFERED)
def test_every_offered_algorithm_registers_and_authenticates(
    ceremonies: Any, algorithm: int
) -> None:
    new = ceremonies.register(algorithm=algorithm)

    assert ceremonies.authenticate(new).sign_count == 1


@pytest.mark.attack("P-079")
@pytest.mark.parametrize("algorithm", OFFERED)
def test_authentication_refuses_a_signature_with_any_of_the_first_64_bits_flipped(
    ceremonies: Any, algorithm: int
) -> None:
    new = ceremonies.register(algorithm=algorithm)

    for bit in range(64):
        with pytest.raises(CeremonyRefused):
            ceremonies.authenticate(new, mutate_signature=lambda good, bit=bit: flip(good, bit))


def flip(data: bytes, bit: int) -> bytes:
    changed = bytearray(data)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)
