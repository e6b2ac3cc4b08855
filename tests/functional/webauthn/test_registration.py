"""Registering a security key: what is taken, and every lie that is not."""

import json
from typing import Any

import pytest

from tests.common import lies, vectors
from tests.common.authenticator import SoftwareAuthenticator, decode_base64url, encode_base64url
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
    cose_key,
    encode,
    generate_key,
)
from tests.common.lies import Lie
from tests.common.people import Person
from tests.common.site import Site
from tests.common.visitor import PROVISION_KEY, Visitor

LABELS = "SELECT label FROM webauthn_credentials ORDER BY id"
OFFERED = [ES256, EDDSA, RS256, ML_DSA_44, ML_DSA_65, ML_DSA_87]


def each(table: dict[str, Lie], number: str) -> Any:
    return pytest.mark.parametrize(
        "lie",
        [
            pytest.param(lie, id=name, marks=pytest.mark.attack(number))
            for name, lie in table.items()
        ],
    )


def assert_refused(site: Site, visitor: Visitor, answer: Any, reason: str = "refused") -> None:
    """Assert that an answer is a refusal that left everything as it was."""
    assert answer.json["fail"]["reason"] == reason
    assert answer.json["fail"]["errors"][0]
    assert site.rows(LABELS) == []
    assert "account:webauthn:registered" not in site.tags()
    assert site.mails() == []
    visitor.get("/manage/account/", status=303)


# Taken


@pytest.mark.attack("P-055")
@pytest.mark.parametrize("attestation", ["none", "packed-self", "packed"])
@pytest.mark.parametrize("algorithm", OFFERED)
def test_a_key_of_every_algorithm_and_format_registers_and_logs_in(
    site: Site, newcomer: Visitor, visitor: Visitor, dave: Person, algorithm: int, attestation: Any
) -> None:
    if attestation == "packed-self" and algorithm in (ML_DSA_44, ML_DSA_65, ML_DSA_87):
        attestation = "none"
    dave.key = SoftwareAuthenticator(attestation=attestation, algorithms=[algorithm])

    answer = newcomer.register_key(dave)
    visitor.give_password(dave)
    visitor.give_key(dave)

    assert answer.json["redirect_to"] == "/manage/account/recovery-codes/"
    assert site.rows(LABELS) == [("Key",)]
    visitor.get("/manage/account/", status=200)


@pytest.mark.attack("P-055")
def test_a_u2f_key_registers_and_logs_in(newcomer: Visitor, visitor: Visitor, dave: Person) -> None:
    dave.key = SoftwareAuthenticator(attestation="fido-u2f")

    newcomer.register_key(dave)
    visitor.give_password(dave)
    visitor.give_key(dave)

    visitor.get("/manage/account/", status=200)


def test_what_is_known_of_a_key_is_recorded(site: Site, newcomer: Visitor, dave: Person) -> None:
    dave.key = SoftwareAuthenticator(transports=["nfc", "usb"], is_backed_up=True)

    newcomer.register_key(dave, "Blue")

    ((credential_id, credential),) = dave.key.credentials.items()
    (row,) = site.rows(
        "SELECT credential_id, public_key, transports, sign_count, suspended_at, last_used_at"
        " FROM webauthn_credentials"
    )
    assert bytes(row.credential_id) == credential_id
    assert bytes(row.public_key) == encode(
        cose_key(credential.private_key.public_key(), credential.algorithm)
    )
    assert tuple(row)[2:] == ("nfc,usb", 0, None, None)


def test_a_new_key_is_told_by_event_and_mail(site: Site, newcomer: Visitor, dave: Person) -> None:
    newcomer.register_key(dave, "Blue")

    facts = site.value("SELECT CAST(facts AS TEXT) FROM events ORDER BY id DESC LIMIT 1")
    (credential_id,) = dave.key.credentials
    (mail,) = site.mails(to="dave@example.org")
    assert site.tags()[-1] == "account:webauthn:registered"
    assert encode_base64url(credential_id) in facts
    assert "Blue" in mail.text
    assert mail.subject == "A security key was added to your account"


@pytest.mark.parametrize(
    ("transports", "kept"),
    [
        (["usb", "cable", "<script>", "USB"], "usb"),
        (["smart-card", "hybrid", "internal", "ble", "nfc", "usb"], None),
        (["usb", None, 5, [], {}], "usb"),
        ("usb", ""),
        (None, ""),
        (["x" * 5000], ""),
    ],
    ids=["unknown", "all", "odd", "text", "none", "long"],
)
def test_transports_are_those_of_the_specification(
    site: Site, newcomer: Visitor, dave: Person, transports: object, kept: str | None
) -> None:
    newcomer.register_key(dave, transports=transports)

    expected = "ble,hybrid,internal,nfc,smart-card,usb" if kept is None else kept
    assert site.rows("SELECT transports FROM webauthn_credentials") == [(expected,)]
    excluded = newcomer.get(f"{PROVISION_KEY}/options").json["excludeCredentials"]
    assert excluded[0].get("transports", []) == [name for name in expected.split(",") if name]


def test_a_person_has_several_keys(site: Site, newcomer: Visitor, dave: Person) -> None:
    newcomer.register_key(dave, "Blue")
    dave.key = SoftwareAuthenticator()
    newcomer.register_key(dave, "Green")

    page = newcomer.get("/manage/account/two-factor/")
    labels = [label.text for label in page.html.select(".factor-webauthn .credential-label")]
    assert labels == ["Blue", "Green"]


def test_a_twenty_first_key_is_refused(site: Site, newcomer: Visitor, dave: Person) -> None:
    for number in range(20):
        dave.key = SoftwareAuthenticator()
        newcomer.register_key(dave, f"Key {number}")
    dave.key = SoftwareAuthenticator()

    answer = newcomer.register_key(dave, "Key 20", status=422)

    assert answer.json["fail"]["reason"] == "too-many"
    assert len(site.rows(LABELS)) == 20
    newcomer.get("/manage/account/", status=200)


# The challenge


@pytest.mark.attack("P-056")
def test_an_answer_sent_again_is_refused(site: Site, newcomer: Visitor, dave: Person) -> None:
    options = newcomer.get(f"{PROVISION_KEY}/options").json
    credential = dave.key.create(options, site.origin)
    newcomer.send_registration(credential, "Blue")

    answer = newcomer.send_registration(credential, "Green", status=422)

    assert answer.json["fail"]["reason"] == "refused"
    assert site.rows(LABELS) == [("Blue",)]


@pytest.mark.attack("P-056")
def test_an_answer_that_was_refused_is_not_taken_the_second_time(
    site: Site, newcomer: Visitor, dave: Person
) -> None:
    options = newcomer.get(f"{PROVISION_KEY}/options").json
    wrong = dave.key.create(options, site.origin, user_present=False)
    newcomer.send_registration(wrong, status=422)

    answer = newcomer.send_registration(dave.key.create(options, site.origin), status=422)

    assert_refused(site, newcomer, answer)


def test_a_name_that_was_refused_costs_the_challenge_and_a_new_one_works(
    site: Site, newcomer: Visitor, dave: Person
) -> None:
    newcomer.register_key(dave, "Blue")
    dave.key = SoftwareAuthenticator()

    answer = newcomer.register_key(dave, "BLUE", status=422)
    dave.key = SoftwareAuthenticator()
    newcomer.register_key(dave, "Green")

    assert answer.json["fail"]["reason"] == "label-taken"
    assert site.rows(LABELS) == [("Blue",), ("Green",)]


@pytest.mark.attack("P-057")
def test_an_answer_after_five_minutes_is_refused(
    site: Site, newcomer: Visitor, dave: Person
) -> None:
    options = newcomer.get(f"{PROVISION_KEY}/options").json
    site.clock.advance(minutes=5)

    answer = newcomer.send_registration(dave.key.create(options, site.origin), status=422)

    assert_refused(site, newcomer, answer)


@pytest.mark.attack("P-057")
def test_an_answer_just_before_five_minutes_is_taken(
    site: Site, newcomer: Visitor, dave: Person
) -> None:
    options = newcomer.get(f"{PROVISION_KEY}/options").json
    site.clock.advance(minutes=4, seconds=59)

    newcomer.send_registration(dave.key.create(options, site.origin))

    assert site.rows(LABELS) == [("Key",)]


@each(lies.CHALLENGES, "P-056")
def test_an_answer_to_another_challenge_is_refused(
    site: Site, newcomer: Visitor, dave: Person, lie: Lie
) -> None:
    assert_refused(site, newcomer, newcomer.register_key(dave, status=422, **lie(site.origin)))


# Every lie


@each(lies.ORIGINS, "P-058")
def test_an_answer_from_another_origin_is_refused(
    site: Site, newcomer: Visitor, dave: Person, lie: Lie
) -> None:
    assert_refused(site, newcomer, newcomer.register_key(dave, status=422, **lie(site.origin)))


@each(lies.RP_IDS, "P-059")
def test_an_answer_for_another_relying_party_is_refused(
    site: Site, newcomer: Visitor, dave: Person, lie: Lie
) -> None:
    assert_refused(site, newcomer, newcomer.register_key(dave, status=422, **lie(site.origin)))


@each({**lies.TYPES, "other ceremony": lambda origin: {"type": "webauthn.get"}}, "P-060")
def test_an_answer_of_another_type_is_refused(
    site: Site, newcomer: Visitor, dave: Person, lie: Lie
) -> None:
    assert_refused(site, newcomer, newcomer.register_key(dave, status=422, **lie(site.origin)))


@each(lies.FRAMES, "P-061")
def test_an_answer_from_inside_a_frame_is_refused(
    site: Site, newcomer: Visitor, dave: Person, lie: Lie
) -> None:
    assert_refused(site, newcomer, newcomer.register_key(dave, status=422, **lie(site.origin)))


@pytest.mark.attack("P-061")
@pytest.mark.parametrize("name", ["none.ES256.crossOrigin", "none.ES256.topOrigin"])
def test_the_framed_vectors_for_our_origin_and_challenge_are_refused(
    site: Site, newcomer: Visitor, dave: Person, name: str
) -> None:
    vector = next(each for each in vectors.load("webauthn-l3")["vectors"] if each["name"] == name)
    options = newcomer.get(f"{PROVISION_KEY}/options").json
    client_data = json.loads(bytes.fromhex(vector["registration"]["client_data_json"]))
    client_data |= {"challenge": options["challenge"], "origin": site.origin}

    credential = dave.key.create(
        options,
        site.origin,
        client_data_json=json.dumps(client_data).encode(),
        credential_id=bytes.fromhex(vector["credential_id"]),
        credential_public_key=bytes.fromhex(vector["credential_public_key"]),
    )

    assert_refused(site, newcomer, newcomer.send_registration(credential, status=422))


@each(lies.PRESENCE, "P-062")
def test_an_answer_without_presence_is_refused(
    site: Site, newcomer: Visitor, dave: Person, lie: Lie
) -> None:
    assert_refused(site, newcomer, newcomer.register_key(dave, status=422, **lie(site.origin)))


@each(lies.MEMBERS, "P-067")
def test_an_answer_that_is_not_put_together_rightly_is_refused(
    site: Site, newcomer: Visitor, dave: Person, lie: Lie
) -> None:
    assert_refused(site, newcomer, newcomer.register_key(dave, status=422, **lie(site.origin)))


@pytest.mark.attack("P-063")
@pytest.mark.parametrize("algorithm", [ES384, ES512, ES256K, ED448, PS256, RS1, RS384, RS512])
@pytest.mark.parametrize("attestation", ["none", "packed-self"])
def test_a_key_of_an_algorithm_that_was_not_offered_is_refused(
    site: Site, newcomer: Visitor, dave: Person, algorithm: int, attestation: Any
) -> None:
    dave.key = SoftwareAuthenticator(attestation=attestation)

    answer = newcomer.register_key(dave, status=422, algorithm=algorithm)

    assert_refused(site, newcomer, answer)


@pytest.mark.attack("P-063")
@pytest.mark.parametrize("algorithm", ["ES256", "-7", None, [], 0, 7, -7.5, 2**70, b"\xf9"])
def test_a_key_of_an_algorithm_that_is_no_number_is_refused(
    site: Site, newcomer: Visitor, dave: Person, algorithm: object
) -> None:
    key = {**cose_key(generate_key(ES256).public_key(), ES256), 3: algorithm}

    answer = newcomer.register_key(dave, status=422, credential_public_key=key)

    assert_refused(site, newcomer, answer)


@pytest.mark.attack("P-063")
@pytest.mark.parametrize(
    ("stated", "actual"), [(RS256, ES256), (EDDSA, RS256), (ES256, RS256), (ML_DSA_44, ES256)]
)
def test_a_key_that_could_never_log_in_is_refused(
    site: Site, newcomer: Visitor, dave: Person, stated: int, actual: int
) -> None:
    key = cose_key(generate_key(actual).public_key(), stated)

    answer = newcomer.register_key(dave, status=422, credential_public_key=key)

    assert_refused(site, newcomer, answer)


# Credential ids


@pytest.mark.attack("P-064")
def test_the_credential_id_of_somebody_else_is_refused(
    site: Site, newcomer: Visitor, visitor: Visitor, dave: Person, bob: Person
) -> None:
    (taken,) = bob.key.credentials
    mails = site.mails()

    answer = newcomer.register_key(dave, status=422, credential_id=taken)

    assert answer.json["fail"]["reason"] == "already-registered"
    assert "bob" not in answer.text
    assert site.rows(
        "SELECT username FROM webauthn_credentials JOIN users ON users.id = user_id"
    ) == [("bob",)]
    assert site.mails() == mails
    visitor.give_password(bob)
    visitor.give_key(bob)
    visitor.get("/manage/account/", status=200)


@pytest.mark.attack("P-064")
def test_an_own_credential_id_is_refused_the_second_time(
    site: Site, newcomer: Visitor, dave: Person
) -> None:
    newcomer.register_key(dave, "Blue")
    (own,) = dave.key.credentials

    answer = newcomer.register_key(dave, "Green", status=422, credential_id=own)

    assert answer.json["fail"]["reason"] == "already-registered"
    assert site.rows(LABELS) == [("Blue",)]
    newcomer.get("/manage/account/", status=200)


@pytest.mark.attack("P-065")
@pytest.mark.parametrize("length", [16, 1023])
def test_a_credential_id_of_a_length_in_bounds_registers_and_logs_in(
    newcomer: Visitor, visitor: Visitor, dave: Person, length: int
) -> None:
    newcomer.register_key(dave, credential_id=b"i" * length)

    visitor.give_password(dave)
    visitor.give_key(dave)
    visitor.get("/manage/account/", status=200)


@pytest.mark.attack("P-065")
@pytest.mark.parametrize("length", [0, 1, 15, 1024, 4096])
def test_a_credential_id_of_a_length_out_of_bounds_is_refused(
    site: Site, newcomer: Visitor, dave: Person, length: int
) -> None:
    answer = newcomer.register_key(dave, status=422, credential_id=b"i" * length)

    assert_refused(site, newcomer, answer)


@pytest.mark.attack("P-065")
@pytest.mark.parametrize("stated", [0, 1, 31, 33, 1024, 65_535])
def test_a_credential_id_that_is_not_as_long_as_it_says_is_refused(
    site: Site, newcomer: Visitor, dave: Person, stated: int
) -> None:
    answer = newcomer.register_key(dave, status=422, credential_id_length=stated)

    assert_refused(site, newcomer, answer)


@pytest.mark.attack("P-065")
def test_a_credential_id_of_65535_bytes_is_refused_by_its_size(
    site: Site, newcomer: Visitor, dave: Person
) -> None:
    answer = newcomer.register_key(dave, status=413, credential_id=b"i" * 65_535)

    assert_refused(site, newcomer, answer, "too-large")


# Backup flags


@each(lies.BACKUP, "P-066")
def test_a_key_that_is_backed_up_without_being_eligible_is_refused(
    site: Site, newcomer: Visitor, dave: Person, lie: Lie
) -> None:
    assert_refused(site, newcomer, newcomer.register_key(dave, status=422, **lie(site.origin)))


@pytest.mark.attack("P-066")
@pytest.mark.parametrize(("eligible", "backed_up"), [(False, False), (True, False), (True, True)])
def test_the_backup_flags_are_recorded(
    site: Site, newcomer: Visitor, dave: Person, eligible: bool, backed_up: bool
) -> None:
    newcomer.register_key(dave, backup_eligible=eligible, backup_state=backed_up)

    flags = "SELECT is_backup_eligible, is_backed_up FROM webauthn_credentials"
    assert [tuple(map(bool, row)) for row in site.rows(flags)] == [(eligible, backed_up)]


@pytest.mark.attack("P-066")
def test_the_page_says_that_a_key_is_backed_up(site: Site, newcomer: Visitor, dave: Person) -> None:
    newcomer.register_key(dave, "Synced", backup_eligible=True, backup_state=True)
    dave.key = SoftwareAuthenticator()
    newcomer.register_key(dave, "Alone")

    page = newcomer.get("/manage/account/two-factor/", status=200)
    synced, alone = page.html.select(".factor-webauthn .credentials li")
    assert "backed up" in synced.text.lower()
    assert "backed up" not in alone.text.lower()


@pytest.mark.attack("P-066")
def test_the_backup_state_follows_the_last_login(
    site: Site, newcomer: Visitor, visitor: Visitor, dave: Person
) -> None:
    newcomer.register_key(dave, backup_eligible=True, backup_state=False)
    visitor.give_password(dave)

    visitor.give_key(dave, backup_state=True)

    assert bool(site.value("SELECT is_backed_up FROM webauthn_credentials"))


def test_an_honest_answer_has_the_id_that_was_attested(newcomer: Visitor, dave: Person) -> None:
    newcomer.register_key(dave)

    (attested,) = dave.key.credentials
    excluded = newcomer.get(f"{PROVISION_KEY}/options").json["excludeCredentials"]
    assert [decode_base64url(each["id"]) for each in excluded] == [attested]
