"""Malformed answers: refused at once, whatever they are, and the site goes on."""

import json
import time
from typing import Any

import cbor2
import pytest

from tests.common.authenticator import encode_base64url
from tests.common.people import Person
from tests.common.site import Site
from tests.common.visitor import KEY, PROVISION_KEY, Visitor

COUNT = "SELECT count(*) FROM webauthn_credentials"
CPU_SECONDS = 0.5

# Sent as the field `credential`.
NOT_AN_OBJECT = {
    "empty": "",
    "not JSON": "credential",
    "half": '{"id":',
    "null": "null",
    "list": "[]",
    "number": "5",
    "text": '"credential"',
    "true": "true",
    "20000 brackets": "[" * 20_000,
    "4000 braces": '{"a":' * 4_000,
    "number of 5000 digits": '{"id": ' + "9" * 5000 + "}",
    "lone surrogate": '{"id": "\\ud800"}',
    "lone surrogate as a name": '{"\\udfff": 1}',
    "member twice": '{"id": "a", "id": "b"}',
    "byte order mark": "\ufeff{}",
    "comment": "{} // comment",
}
TOO_LARGE = {
    "200000 brackets": "[" * 200_000,
    "64 KiB": "{" + " " * 65_536 + "}",
    "5 MiB": "{" + " " * 5 * 2**20 + "}",
}
# Put into an honest answer as its attestation object.
ATTESTATION_OBJECTS = {
    "nothing": b"",
    "junk": b"\xff\xfe\xfd",
    "text": b"attestation",
    "null": b"\xf6",
    "number": b"\x05",
    "list": b"\x80",
    "empty map": b"\xa0",
    "40000 nested arrays": b"\x81" * 40_000,
    "20000 nested maps": b"\xa1\x00" * 20_000,
    "40000 tags": b"\xc1" * 40_000,
    "40000 endless arrays": b"\x9f" * 40_000,
    "bytes of 2^40": b"\x5b\x00\x00\x01\x00\x00\x00\x00\x00",
    "text of 2^40": b"\x7b\x00\x00\x01\x00\x00\x00\x00\x00",
    "array of 2^40": b"\x9b\x00\x00\x01\x00\x00\x00\x00\x00",
    "map of 2^40": b"\xbb\x00\x00\x01\x00\x00\x00\x00\x00",
    "array of 2^64": b"\x9b" + b"\xff" * 8,
    "break alone": b"\xff",
    "half a map": b"\xa3\x63fmt",
    "shared reference": b"\xd8\x1c\x81\xd8\x1d\x00",
    "bignum of 40000 bytes": b"\xc2\x59\x9c\x40" + b"\xff" * 40_000,
    "bigfloat of exponent 10^9": b"\xc5\x82\x1a\x3b\x9a\xca\x00\x01",
    "fraction over zero": b"\xd8\x1e\x82\x01\x00",
    "pattern": b"\xd8\x23\x78\x1e(((((a+)+)+)+)+)+(((((a+)+)+)+)",
}


def posted(visitor: Visitor, credential: str, path: str, **more: str) -> Any:
    """Post an answer; assert that it costs little."""
    fields = {"credential": credential, "csrf_token": visitor.csrf_token(path), **more}
    started = time.process_time()
    answer = visitor.post(f"{path}/validate", fields, expect_errors=True)
    assert time.process_time() - started < CPU_SECONDS
    return answer


def assert_refused(answer: Any, *statuses: int) -> None:
    assert answer.status_int in statuses
    assert answer.json["fail"]["errors"][0]


def with_attestation(newcomer: Visitor, dave: Person, attestation_object: bytes) -> str:
    """Return an answer to fresh options, honest but for its attestation object."""
    options = newcomer.get(f"{PROVISION_KEY}/options").json
    credential = dave.key.create(options, newcomer.origin, attestation_object=attestation_object)
    return json.dumps(credential)


# Registration


@pytest.mark.attack("P-067")
@pytest.mark.parametrize("text", NOT_AN_OBJECT.values(), ids=NOT_AN_OBJECT.keys())
def test_registration_refuses_what_is_no_object(
    site: Site, newcomer: Visitor, dave: Person, text: str
) -> None:
    assert_refused(posted(newcomer, text, PROVISION_KEY, label="Key"), 400, 422)

    newcomer.register_key(dave)
    assert site.value(COUNT) == 1


@pytest.mark.attack("P-067")
@pytest.mark.parametrize("text", TOO_LARGE.values(), ids=TOO_LARGE.keys())
def test_registration_refuses_what_is_too_large(
    site: Site, newcomer: Visitor, dave: Person, text: str
) -> None:
    assert_refused(posted(newcomer, text, PROVISION_KEY, label="Key"), 413)

    newcomer.register_key(dave)
    assert site.value(COUNT) == 1


@pytest.mark.attack("P-067")
@pytest.mark.parametrize(
    "attestation_object", ATTESTATION_OBJECTS.values(), ids=ATTESTATION_OBJECTS.keys()
)
def test_registration_refuses_a_malformed_attestation_object(
    site: Site, newcomer: Visitor, dave: Person, attestation_object: bytes
) -> None:
    text = with_attestation(newcomer, dave, attestation_object)

    assert_refused(posted(newcomer, text, PROVISION_KEY, label="Key"), 422)

    assert site.value(COUNT) == 0
    newcomer.register_key(dave)


@pytest.mark.attack("P-067")
@pytest.mark.parametrize("junk", ["", "*", "=", "====", "a", "\u00e9", "YQ", "A" * 40_000, " YQ "])
@pytest.mark.parametrize("member", ["attestationObject", "clientDataJSON"])
def test_registration_refuses_junk_instead_of_base64url(
    site: Site, newcomer: Visitor, dave: Person, member: str, junk: str
) -> None:
    answer = newcomer.register_key(dave, status=422, response_members={member: junk})

    assert_refused(answer, 422)
    assert site.value(COUNT) == 0


@pytest.mark.attack("P-067")
@pytest.mark.parametrize(
    "authenticator_data", [b"", b"\0" * 36, b"\0" * 37, b"\xff" * 37, b"\xff" * 5000], ids=len
)
def test_registration_refuses_malformed_authenticator_data(
    site: Site, newcomer: Visitor, dave: Person, authenticator_data: bytes
) -> None:
    answer = newcomer.register_key(dave, status=422, authenticator_data=authenticator_data)

    assert_refused(answer, 422)
    assert site.value(COUNT) == 0


@pytest.mark.attack("P-067")
@pytest.mark.parametrize(
    "flags", [0x00, 0x01, 0x40, 0x81, 0xC1, 0xFF], ids=lambda flags: f"{flags:02x}"
)
def test_registration_refuses_flags_that_do_not_fit_the_data(
    site: Site, newcomer: Visitor, dave: Person, flags: int
) -> None:
    answer = newcomer.register_key(dave, status=422, flags=flags)

    assert_refused(answer, 422)
    assert site.value(COUNT) == 0


@pytest.mark.attack("P-067")
def test_registration_refuses_a_public_key_with_a_member_twice(
    site: Site, newcomer: Visitor, dave: Person
) -> None:
    # {1: 2, 3: -7, -1: 1, -2: …, -3: …} with another 3 before it.
    twice = b"\xa6\x03\x26\x01\x02\x03\x26\x20\x01\x21\x58\x20" + b"x" * 32 + b"\x22\x58\x20"

    answer = newcomer.register_key(dave, status=422, credential_public_key=twice + b"y" * 32)

    assert_refused(answer, 422)
    assert site.value(COUNT) == 0


@pytest.mark.attack("P-067")
@pytest.mark.parametrize("rest", [b"\0", b"\xa0", b"junk"])
def test_registration_refuses_bytes_after_the_authenticator_data(
    site: Site, newcomer: Visitor, dave: Person, rest: bytes
) -> None:
    attested = bytes(16) + b"\0\x20" + b"i" * 32 + b"\xa0" + rest

    answer = newcomer.register_key(dave, status=422, attested_credential_data=attested)

    assert_refused(answer, 422)
    assert site.value(COUNT) == 0


# Attestation statements

FORMATS = [
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
    5,
    None,
    ["packed"],
]
STATEMENTS: list[dict[str, Any]] = [
    {"alg": -7, "sig": b"\0"},
    {"alg": -7, "sig": b"junk", "x5c": 5},
    {"alg": -7, "sig": b"junk", "x5c": [5, 6]},
    {"alg": -7, "sig": b"junk", "x5c": [b"junk"]},
    {"alg": -7, "sig": b"junk", "x5c": []},
    {"alg": "ES256", "sig": "junk", "x5c": "junk"},
    {"ver": "2.0", "alg": -257, "sig": b"s", "x5c": [b""], "certInfo": b"c", "pubArea": b"p"},
    {"ver": "14.0.0", "response": b"a.b.c"},
    {"ver": 5, "response": 5},
    {"ecdaaKeyId": b"key", "alg": -7, "sig": b"s"},
]


@pytest.mark.attack("P-068")
@pytest.mark.parametrize("format_name", FORMATS, ids=repr)
def test_registration_refuses_junk_as_an_attestation_statement(
    site: Site, newcomer: Visitor, dave: Person, format_name: object
) -> None:
    for statement in STATEMENTS:
        answer = newcomer.register_key(
            dave, status=422, format=format_name, attestation_statement=statement
        )

        assert_refused(answer, 422)
    assert site.value(COUNT) == 0
    newcomer.register_key(dave)


@pytest.mark.attack("P-068")
@pytest.mark.parametrize("statement", [None, 5, "text", b"bytes", [], [{}], True], ids=repr)
@pytest.mark.parametrize("format_name", ["packed", "tpm", "fido-u2f", "apple", "compound"])
def test_registration_refuses_a_statement_that_is_no_map(
    site: Site, newcomer: Visitor, dave: Person, format_name: str, statement: object
) -> None:
    answer = newcomer.register_key(
        dave, status=422, format=format_name, attestation_statement=statement
    )

    assert_refused(answer, 422)
    assert site.value(COUNT) == 0


@pytest.mark.attack("P-068")
def test_registration_refuses_an_attestation_object_without_a_format(
    site: Site, newcomer: Visitor, dave: Person
) -> None:
    attestation_object = cbor2.dumps({"attStmt": {}, "authData": bytes(164)})

    text = with_attestation(newcomer, dave, attestation_object)

    assert_refused(posted(newcomer, text, PROVISION_KEY, label="Key"), 422)
    assert site.value(COUNT) == 0


# Authentication


@pytest.mark.attack("P-067")
@pytest.mark.parametrize("text", NOT_AN_OBJECT.values(), ids=NOT_AN_OBJECT.keys())
def test_authentication_refuses_what_is_no_object(
    site: Site, pending: Visitor, bob: Person, text: str
) -> None:
    token = pending.csrf_token("/account/webauthn-authenticate/")
    started = time.process_time()
    answer = pending.post(
        f"{KEY}/validate", {"credential": text, "csrf_token": token}, expect_errors=True
    )

    assert time.process_time() - started < CPU_SECONDS
    assert_refused(answer, 400, 422)
    pending.give_key(bob)
    pending.get("/manage/account/", status=200)


@pytest.mark.attack("P-067")
@pytest.mark.parametrize("junk", ["", "*", "====", "a", "\u00e9", "A" * 40_000, 5, None, [], {}])
@pytest.mark.parametrize("member", ["clientDataJSON", "authenticatorData", "signature"])
def test_authentication_refuses_junk_instead_of_base64url(
    site: Site, pending: Visitor, bob: Person, member: str, junk: object
) -> None:
    answer = pending.give_key(bob, status=422, response_members={member: junk})

    assert_refused(answer, 422)
    assert "account:login:completed" not in site.tags()


@pytest.mark.attack("P-067")
@pytest.mark.parametrize(
    "authenticator_data", [b"", b"\0" * 36, b"\0" * 37, b"\xff" * 37, b"\xff" * 5000], ids=len
)
def test_authentication_refuses_malformed_authenticator_data(
    site: Site, pending: Visitor, bob: Person, authenticator_data: bytes
) -> None:
    answer = pending.give_key(bob, status=422, authenticator_data=authenticator_data)

    assert_refused(answer, 422)
    assert "account:login:completed" not in site.tags()


def test_an_answer_without_a_challenge_names_no_secret(pending: Visitor) -> None:
    client_data = encode_base64url(json.dumps({"type": "webauthn.get"}).encode())
    credential = {"id": "a", "rawId": "a", "response": {"clientDataJSON": client_data}}

    answer = pending.send_assertion(credential, status=422)

    assert answer.json["fail"]["reason"] == "rejected"
    assert "Traceback" not in answer.text
