"""Logging in with a security key: once, by the right key, and without a lie."""

import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from tests.common import cose, lies, vectors
from tests.common.authenticator import (
    ABSENT,
    SoftwareAuthenticator,
    decode_base64url,
    encode_base64url,
)
from tests.common.cose import EDDSA, ES256, RS256
from tests.common.lies import Lie
from tests.common.people import Person
from tests.common.site import Site
from tests.common.visitor import KEY, Visitor

ROW = "SELECT sign_count, last_used_at, suspended_at FROM webauthn_credentials"
SENTENCE = "The security key did not prove that it is yours. Try again."


def each(*tables: dict[str, Lie]) -> Any:
    return pytest.mark.parametrize(
        "lie", [pytest.param(lie, id=name) for table in tables for name, lie in table.items()]
    )


def assert_refused(site: Site, visitor: Visitor, answer: Any) -> None:
    """Assert that an answer logs nobody in, says nothing new, and changes no key."""
    assert answer.json == {"fail": {"errors": [SENTENCE], "reason": "rejected"}}
    assert [tuple(row) for row in site.rows(ROW)] == [(0, None, None)]
    assert site.tags()[-1] == "account:factor:failed"
    assert "account:login:completed" not in site.tags()
    visitor.get("/manage/account/", status=303)


def test_an_honest_assertion_logs_in_and_is_recorded(
    site: Site, pending: Visitor, bob: Person
) -> None:
    answer = pending.give_key(bob)

    ((count, used_at, suspended_at),) = site.rows(ROW)
    assert answer.json["redirect_to"] == "/manage/account/"
    assert (count, suspended_at) == (1, None)
    assert used_at is not None
    assert site.tags()[-1] == "account:login:completed"
    pending.get("/manage/account/", status=200)


def test_an_assertion_leads_to_the_page_that_was_wanted(
    site: Site, visitor: Visitor, bob: Person
) -> None:
    visitor.give_password(bob, next="/manage/account/two-factor/")

    assert visitor.give_key(bob).json["redirect_to"] == "/manage/account/two-factor/"


# Replay


@pytest.mark.attack("P-074")
def test_an_assertion_sent_again_in_the_same_jar_is_refused(
    site: Site, pending: Visitor, bob: Person
) -> None:
    options = pending.get(f"{KEY}/options").json
    credential = bob.key.get(options, site.origin)
    token = pending.csrf_token("/account/webauthn-authenticate/")
    fields = {"credential": json.dumps(credential), "csrf_token": token}
    pending.post(f"{KEY}/validate", fields, status=200)

    again = pending.post(f"{KEY}/validate", fields, expect_errors=True)

    assert 400 <= again.status_int < 500
    assert site.tags().count("account:login:completed") == 1


@pytest.mark.attack("P-074")
def test_an_assertion_sent_again_in_another_jar_is_refused(
    site: Site, pending: Visitor, visitor: Visitor, bob: Person
) -> None:
    options = pending.get(f"{KEY}/options").json
    credential = bob.key.get(options, site.origin)
    pending.send_assertion(credential)
    visitor.give_password(bob)

    visitor.send_assertion(credential, status=422)

    assert site.tags().count("account:login:completed") == 1
    visitor.get("/manage/account/", status=303)


@pytest.mark.attack("P-074")
def test_an_assertion_that_was_refused_is_not_taken_the_second_time(
    site: Site, pending: Visitor, bob: Person
) -> None:
    options = pending.get(f"{KEY}/options").json
    pending.send_assertion(bob.key.get(options, site.origin, user_present=False), status=422)

    assert_refused(
        site, pending, pending.send_assertion(bob.key.get(options, site.origin), status=422)
    )


@pytest.mark.attack("P-074")
def test_an_assertion_after_five_minutes_is_refused(
    site: Site, pending: Visitor, bob: Person
) -> None:
    options = pending.get(f"{KEY}/options").json
    token = pending.csrf_token("/account/webauthn-authenticate/")
    credential = bob.key.get(options, site.origin)
    site.clock.advance(minutes=5)

    fields = {"credential": json.dumps(credential), "csrf_token": token}
    pending.post(f"{KEY}/validate", fields, status=401)

    assert "account:login:completed" not in site.tags()


@pytest.mark.attack("P-074")
def test_a_challenge_that_is_too_old_is_refused_within_a_login_that_is_not(
    site: Site, pending: Visitor, bob: Person
) -> None:
    options = pending.get(f"{KEY}/options").json
    site.clock.advance(minutes=4, seconds=59)
    site.change("UPDATE pending_logins SET expires_at = :later", later="2027-01-01 00:00:00")
    site.clock.advance(seconds=1)

    answer = pending.send_assertion(bob.key.get(options, site.origin), status=422)

    assert_refused(site, pending, answer)


@pytest.mark.attack("P-074")
@each(lies.CHALLENGES)
def test_an_assertion_of_another_challenge_is_refused(
    site: Site, pending: Visitor, bob: Person, lie: Lie
) -> None:
    assert_refused(site, pending, pending.give_key(bob, status=422, **lie(site.origin)))


# Whose key


@pytest.mark.attack("P-076")
def test_the_key_of_somebody_else_is_refused(site: Site, pending: Visitor, bob: Person) -> None:
    theirs = SoftwareAuthenticator()
    mallory = Person("mallory", clock=site.clock, key=theirs)
    site.person("mallory")
    attacker = site.visitor()
    attacker.give_password(mallory)
    attacker.register_key(mallory)
    (credential,) = theirs.credentials.values()
    options = pending.get(f"{KEY}/options").json

    answer = pending.send_assertion(
        theirs.get(options, site.origin, credential=credential), status=422
    )

    assert answer.json["fail"]["reason"] == "rejected"
    pending.get("/manage/account/", status=303)
    assert site.rows("SELECT sign_count FROM webauthn_credentials") == [(0,), (0,)]


@pytest.mark.attack("P-076")
@pytest.mark.parametrize("handle", [ABSENT, b"", None], ids=["absent", "empty", "null"])
def test_the_key_of_somebody_else_under_an_own_id_is_refused(
    site: Site, pending: Visitor, bob: Person, handle: object
) -> None:
    options = pending.get(f"{KEY}/options").json
    (own_id,) = bob.key.credentials

    answer = pending.send_assertion(
        bob.key.get(
            options,
            site.origin,
            outer_id=own_id,
            user_handle=handle,
            signing_key=cose.generate_key(EDDSA),
        ),
        status=422,
    )

    assert_refused(site, pending, answer)


@pytest.mark.attack("P-076")
@pytest.mark.parametrize("handle", [b"m" * 64, b"bob", "*", 5, []], ids=repr)
def test_the_user_handle_of_somebody_else_is_refused(
    site: Site, pending: Visitor, bob: Person, handle: object
) -> None:
    assert_refused(site, pending, pending.give_key(bob, status=422, user_handle=handle))


@pytest.mark.attack("P-076")
def test_a_key_that_nobody_registered_is_refused(site: Site, pending: Visitor, bob: Person) -> None:
    assert_refused(site, pending, pending.give_key(bob, status=422, outer_id=b"unknown id" * 3))


@pytest.mark.attack("P-023")
def test_the_key_of_somebody_else_counts_as_a_failure_of_the_account(
    site: Site, pending: Visitor, bob: Person
) -> None:
    for _ in range(5):
        pending.give_key(bob, status=422, user_present=False)

    pending.give_key(bob, status=429)

    assert site.tags().count("account:factor:failed") == 5
    pending.get("/manage/account/", status=303)


# Every lie


@pytest.mark.attack("P-078")
@each(lies.ORIGINS)
def test_an_assertion_from_another_origin_is_refused(
    site: Site, pending: Visitor, bob: Person, lie: Lie
) -> None:
    assert_refused(site, pending, pending.give_key(bob, status=422, **lie(site.origin)))


@pytest.mark.attack("P-078")
@each(lies.RP_IDS)
def test_an_assertion_for_another_relying_party_is_refused(
    site: Site, pending: Visitor, bob: Person, lie: Lie
) -> None:
    assert_refused(site, pending, pending.give_key(bob, status=422, **lie(site.origin)))


@pytest.mark.attack("P-078")
@each(lies.TYPES, {"other ceremony": lambda origin: {"type": "webauthn.create"}})
def test_an_assertion_of_another_type_is_refused(
    site: Site, pending: Visitor, bob: Person, lie: Lie
) -> None:
    assert_refused(site, pending, pending.give_key(bob, status=422, **lie(site.origin)))


@pytest.mark.attack("P-078")
@each(lies.FRAMES)
def test_an_assertion_from_inside_a_frame_is_refused(
    site: Site, pending: Visitor, bob: Person, lie: Lie
) -> None:
    assert_refused(site, pending, pending.give_key(bob, status=422, **lie(site.origin)))


@pytest.mark.attack("P-061")
@pytest.mark.parametrize("name", ["none.ES256.crossOrigin", "none.ES256.topOrigin"])
def test_the_framed_vectors_for_our_origin_and_challenge_are_refused(
    site: Site, pending: Visitor, bob: Person, name: str
) -> None:
    vector = next(each for each in vectors.load("webauthn-l3")["vectors"] if each["name"] == name)
    options = pending.get(f"{KEY}/options").json
    client_data = json.loads(bytes.fromhex(vector["authentication"]["client_data_json"]))
    client_data |= {"challenge": options["challenge"], "origin": site.origin}

    credential = bob.key.get(
        options, site.origin, client_data_json=json.dumps(client_data).encode()
    )

    assert_refused(site, pending, pending.send_assertion(credential, status=422))


@pytest.mark.attack("P-078")
@each(lies.PRESENCE, lies.BACKUP)
def test_an_assertion_with_other_flags_is_refused(
    site: Site, pending: Visitor, bob: Person, lie: Lie
) -> None:
    assert_refused(site, pending, pending.give_key(bob, status=422, **lie(site.origin)))


@pytest.mark.attack("P-078")
def test_an_assertion_whose_backup_eligibility_changed_is_refused(
    site: Site, pending: Visitor, bob: Person
) -> None:
    assert_refused(site, pending, pending.give_key(bob, status=422, backup_eligible=True))


@pytest.mark.attack("P-078")
@each({name: lie for name, lie in lies.MEMBERS.items() if name != "odd attachment"})
def test_an_assertion_that_is_not_put_together_rightly_is_refused(
    site: Site, pending: Visitor, bob: Person, lie: Lie
) -> None:
    assert_refused(site, pending, pending.give_key(bob, status=422, **lie(site.origin)))


# Signatures


def raw(signature: bytes) -> bytes:
    r, s = decode_dss_signature(signature)
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


SIGNATURES: dict[str, dict[str, Any]] = {
    "empty": {"signature": b""},
    "zeros": {"signature": bytes(64)},
    "another key": {"signing_key": cose.generate_key(ES256)},
    "other data": {"signed_data": b"something else"},
    "no data": {"signed_data": b""},
    "client data not hashed": {"signed_data": bytes(37)},
    "raw r and s": {"mutate_signature": raw},
    "cut": {"mutate_signature": lambda signature: signature[:-1]},
    "longer": {"mutate_signature": lambda signature: signature + b"\0"},
    "twice": {"mutate_signature": lambda signature: signature * 2},
    "missing": {"response_members": {"signature": ABSENT}},
    "null": {"response_members": {"signature": None}},
}


@pytest.fixture
def user_with_es256(site: Site) -> Person:
    """Erwin, whose key signs with ECDSA."""
    erwin = site.person("erwin")
    erwin.key = SoftwareAuthenticator(algorithms=[ES256])
    setting_up = site.visitor()
    setting_up.give_password(erwin)
    setting_up.register_key(erwin)
    return erwin


@pytest.mark.attack("P-079")
@pytest.mark.parametrize("overrides", SIGNATURES.values(), ids=SIGNATURES.keys())
def test_a_signature_that_is_not_right_is_refused(
    site: Site, visitor: Visitor, user_with_es256: Person, overrides: dict[str, Any]
) -> None:
    visitor.give_password(user_with_es256)

    answer = visitor.give_key(user_with_es256, status=422, **overrides)

    assert_refused(site, visitor, answer)


@pytest.mark.attack("P-079")
def test_a_signature_over_another_challenge_is_refused(
    site: Site, visitor: Visitor, user_with_es256: Person
) -> None:
    visitor.give_password(user_with_es256)
    key = user_with_es256.key
    other = key.get(visitor.get(f"{KEY}/options").json, site.origin)
    options = visitor.get(f"{KEY}/options").json

    credential = key.get(
        options, site.origin, response_members={"signature": other["response"]["signature"]}
    )

    assert_refused(site, visitor, visitor.send_assertion(credential, status=422))


@pytest.mark.attack("P-079")
@pytest.mark.parametrize("algorithm", [ES256, EDDSA, RS256])
def test_a_signature_with_any_of_the_first_64_bits_flipped_is_refused(
    roomy_site: Site, algorithm: int
) -> None:
    frida = roomy_site.person("frida")
    frida.key = SoftwareAuthenticator(algorithms=[algorithm])
    visitor = roomy_site.visitor()
    visitor.give_password(frida)
    visitor.register_key(frida)
    visitor = roomy_site.visitor()
    visitor.give_password(frida)

    for bit in range(64):
        answer = visitor.give_key(
            frida, status=422, mutate_signature=lambda good, bit=bit: flip(good, bit)
        )
        assert answer.json["fail"]["reason"] == "rejected", bit

    assert roomy_site.tags().count("account:factor:failed") == 64
    assert roomy_site.rows("SELECT sign_count FROM webauthn_credentials") == [(0,)]


def flip(data: bytes, bit: int) -> bytes:
    changed = bytearray(data)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


@pytest.mark.attack("P-079")
def test_a_signature_over_the_same_client_data_in_other_bytes_is_refused(
    site: Site, pending: Visitor, bob: Person
) -> None:
    options = pending.get(f"{KEY}/options").json
    signed = bob.key.get(options, site.origin)
    client_data = json.loads(decode_base64url(signed["response"]["clientDataJSON"]))
    spaced = encode_base64url(json.dumps(client_data, indent=1).encode())
    signed["response"]["clientDataJSON"] = spaced

    assert_refused(site, pending, pending.send_assertion(signed, status=422))
