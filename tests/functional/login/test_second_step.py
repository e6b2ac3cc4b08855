"""The second step of a login: whose factor counts, and what is no answer at all."""

import json
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest

from tests.common.answers import refusals
from tests.common.people import Person
from tests.common.site import Site
from tests.common.visitor import KEY, TWO_FACTOR, Visitor

LANDING = "/manage/account/"
ALLOWED = 5  # failed codes of an account in five minutes; keys likewise


@pytest.fixture
def carol(site: Site) -> Person:
    """Carol: authenticator app and security key."""
    return site.person("carol", totp=True, key=True)


def send_code(visitor: Visitor, code: str, status: Any = 422) -> Any:
    """Send a code from whatever page there is."""
    return visitor.post_form(TWO_FACTOR, {"totp_value": code}, status=status)


def failures(site: Site) -> list[tuple[str, str, str]]:
    """Return whose factor failed, which one, and why."""
    rows = site.rows(
        "SELECT username, events.facts FROM events JOIN users ON users.id = subject_id"
        " WHERE tag = 'account:factor:failed' ORDER BY events.id"
    )
    found = []
    for username, facts in rows:
        known = json.loads(facts) if isinstance(facts, str) else facts
        found.append((username, known["attempted"], known["reason"]))
    return found


# Whose factor


@pytest.mark.attack("P-023")
def test_the_code_of_another_person_does_not_log_in(
    site: Site, visitor: Visitor, user_with_totp: Person, mallory: Person
) -> None:
    visitor.give_password(user_with_totp)

    refused = visitor.give_code(mallory.code(), status=422)

    assert refusals(refused) != []
    assert visitor.cookie("session") is None
    assert [(name, factor) for name, factor, reason in failures(site)] == [("alice", "totp")]


@pytest.mark.attack("P-023")
def test_the_code_of_another_person_stays_unspent(
    site: Site, visitor: Visitor, user_with_totp: Person, mallory: Person
) -> None:
    visitor.give_password(user_with_totp)
    code = mallory.code()
    visitor.give_code(code, status=422)
    hers = site.visitor()
    hers.give_password(mallory)

    answer = hers.give_code(code)

    assert urlsplit(answer.location).path == LANDING


@pytest.mark.attack("P-023")
def test_codes_of_another_person_count_against_the_account_that_is_attacked(
    site: Site, visitor: Visitor, user_with_totp: Person, mallory: Person
) -> None:
    for _ in range(ALLOWED):
        attacker = site.visitor()
        attacker.give_password(user_with_totp)
        attacker.give_code(mallory.code(), status=422)
        site.clock.advance(seconds=30)
    visitor.give_password(user_with_totp)

    visitor.give_code(user_with_totp.code(), status=429)

    hers = site.visitor(address="192.0.2.8")
    hers.give_password(mallory)
    hers.give_code(mallory.code())
    assert len(failures(site)) == ALLOWED


@pytest.mark.attack("P-023")
@pytest.mark.parametrize("claimed", ["mallory", "carol"])
def test_the_key_of_another_person_does_not_log_in(
    site: Site, visitor: Visitor, carol: Person, mallory: Person, claimed: str
) -> None:
    visitor.give_password(carol)
    options = visitor.get(f"{KEY}/options", status=200).json
    (hers,) = mallory.key.credentials.values()
    credential = {
        "mallory": mallory.key.get(options, site.origin, credential=hers),
        "carol": carol.key.get(options, site.origin, signing_key=hers.private_key),
    }[claimed]

    refused = visitor.send_assertion(credential, status=422)

    assert refused.json["fail"]["reason"] == "rejected"
    assert visitor.cookie("session") is None
    assert [(name, factor) for name, factor, reason in failures(site)] == [("carol", "webauthn")]


# Methods the person does not have


@pytest.mark.attack("P-024")
def test_a_code_for_somebody_without_an_app_is_refused_and_recorded(
    site: Site, visitor: Visitor, user_with_key: Person
) -> None:
    visitor.give_password(user_with_key)

    send_code(visitor, "123456")

    assert visitor.cookie("session") is None
    assert failures(site) == [("bob", "totp", "not-set-up")]


@pytest.mark.attack("P-024")
def test_codes_for_somebody_without_an_app_are_limited(
    site: Site, visitor: Visitor, user_with_key: Person
) -> None:
    visitor.give_password(user_with_key)
    for _ in range(ALLOWED):
        send_code(visitor, "123456")

    refused = send_code(visitor, "123456", status=429)

    assert int(refused.headers["Retry-After"]) == 300
    assert len(failures(site)) == ALLOWED


@pytest.mark.attack("P-024")
def test_the_page_of_an_app_sends_somebody_with_a_key_to_the_key(
    visitor: Visitor, user_with_key: Person
) -> None:
    visitor.give_password(user_with_key)

    answer = visitor.get(TWO_FACTOR, status=303)

    assert urlsplit(answer.location).path == f"{KEY}/"


@pytest.mark.attack("P-024")
def test_somebody_without_a_key_gets_no_options(
    site: Site, visitor: Visitor, user_with_totp: Person
) -> None:
    visitor.give_password(user_with_totp)

    refused = visitor.get(f"{KEY}/options", status=422)

    assert refused.json["fail"]["reason"] == "not-set-up"
    assert "challenge" not in refused.text


@pytest.mark.attack("P-024")
def test_a_key_that_somebody_has_not_registered_is_refused_and_limited(
    site: Site, visitor: Visitor, user_with_totp: Person, mallory: Person
) -> None:
    hers = site.visitor()
    hers.give_password(mallory)
    options = hers.get(f"{KEY}/options", status=200).json
    credential = mallory.key.get(options, site.origin)
    visitor.give_password(user_with_totp)
    fields = {"credential": json.dumps(credential), "csrf_token": visitor.csrf_token()}
    for _ in range(ALLOWED):
        visitor.post(f"{KEY}/validate", fields, status=422)

    refused = visitor.post(f"{KEY}/validate", fields, status=429)

    assert refused.json["fail"]["reason"] == "too-many-attempts"
    assert {(name, factor) for name, factor, reason in failures(site)} == {("alice", "webauthn")}


@pytest.mark.attack("P-024")
@pytest.mark.parametrize(
    "path", [f"{TWO_FACTOR}options", f"{TWO_FACTOR}other", "/account/no-such-factor/"]
)
def test_a_step_that_no_factor_has_is_not_found(
    visitor: Visitor, user_with_totp: Person, path: str
) -> None:
    visitor.give_password(user_with_totp)

    visitor.get(path, status=404)


@pytest.mark.parametrize(
    "path",
    [
        f"{TWO_FACTOR}options/extra",
        f"{TWO_FACTOR}validate/extra/",
        f"{TWO_FACTOR}extra/validate",
        f"{KEY}/options/options",
        f"{KEY}/validate/options/extra",
    ],
)
def test_what_follows_a_page_of_a_step_is_not_found(
    site: Site, visitor: Visitor, carol: Person, path: str
) -> None:
    visitor.give_password(carol)
    fields = {"totp_value": carol.code(), "csrf_token": visitor.csrf_token()}

    visitor.get(path, status=404)
    visitor.post(path, fields, status=404)
    site.visitor().get(path, status=404)

    assert visitor.cookie("session") is None


# What is no code


@pytest.mark.attack("P-025")
@pytest.mark.parametrize(
    "value",
    [
        "",
        "null",
        "[]",
        "12345",
        "1234567",
        "-12345",
        "1e5",
        "0x1234",
        "12345\uff16",
        "\u0661\u0662\u0663\u0664\u0665\u0666",
        "12345\u00b2",
        "' OR 1",
        "9" * 60_000,
    ],
    ids=range(13),
)
def test_what_is_no_code_is_refused_at_its_field(
    site: Site, visitor: Visitor, user_with_totp: Person, value: str
) -> None:
    visitor.give_password(user_with_totp)

    refused = send_code(visitor, value)

    assert refused.html.select_one("#totp_value")["aria-invalid"] == "true"
    assert refused.html.select_one("#totp_value").get("value", "") == ""
    assert visitor.cookie("session") is None


@pytest.mark.attack("P-025")
@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ([], 422),
        ([("totp_value[]", "123456")], 422),
        ([("totp_value", "123456"), ("totp_value", "123456")], 400),
        ([("totp_value", "12345\0")], 400),
        ([("totp_value", "9" * 100_000)], 413),
    ],
    ids=["missing", "list", "twice", "nul", "large"],
)
def test_a_form_that_no_page_sends_is_refused(
    site: Site,
    visitor: Visitor,
    user_with_totp: Person,
    fields: list[tuple[str, str]],
    status: int,
) -> None:
    visitor.give_password(user_with_totp)
    body = urlencode([*fields, ("csrf_token", visitor.csrf_token(TWO_FACTOR))])

    visitor.post(TWO_FACTOR, body, status=status)

    assert failures(site) == []
    assert visitor.cookie("session") is None


@pytest.mark.attack("P-025")
def test_a_code_may_be_typed_with_blanks(visitor: Visitor, user_with_totp: Person) -> None:
    visitor.give_password(user_with_totp)
    code = user_with_totp.code()

    answer = visitor.give_code(f" {code[:3]} {code[3:]} ")

    assert urlsplit(answer.location).path == LANDING


def test_a_code_from_another_site_is_refused(
    site: Site, visitor: Visitor, user_with_totp: Person
) -> None:
    visitor.give_password(user_with_totp)
    fields = {"totp_value": user_with_totp.code()}

    visitor.post_form(TWO_FACTOR, fields, headers={"Origin": "https://evil.example"}, status=400)

    assert visitor.cookie("session") is None
    assert failures(site) == []


# What it does


def test_a_login_is_recorded_step_by_step(
    site: Site, visitor: Visitor, user_with_totp: Person
) -> None:
    before = len(site.tags())
    visitor.give_password(user_with_totp)
    visitor.give_code(user_with_totp.wrong_code(), status=422)
    visitor.give_code(user_with_totp.code())
    visitor.form("/account/logout/", "logout-form").submit(status=303)

    assert site.tags()[before:] == [
        "account:password:accepted",
        "account:factor:failed",
        "account:login:completed",
        "account:logout",
    ]


def test_the_record_of_a_login_says_who_how_and_from_where(
    site: Site, user_with_totp: Person
) -> None:
    visitor = site.visitor(address="198.51.100.20", agent="Lynx/2.9")
    visitor.log_in(user_with_totp)

    row = site.rows("SELECT * FROM events ORDER BY id DESC")[0]
    private = dict(
        site.rows("SELECT field, value FROM event_private WHERE event_id = :id", id=row.id)
    )
    alice = site.value("SELECT id FROM users")
    assert (row.tag, row.subject_id, row.actor_id) == ("account:login:completed", alice, alice)
    assert row.factor == "totp"
    assert private == {"address": "198.51.100.20", "agent": "Lynx/2.9"}


def test_codes_beyond_the_limit_are_one_event(
    site: Site, visitor: Visitor, user_with_totp: Person
) -> None:
    visitor.give_password(user_with_totp)
    for _ in range(ALLOWED):
        visitor.give_code(user_with_totp.wrong_code(), status=422)

    for _ in range(4):
        visitor.give_code(user_with_totp.code(), status=429)

    assert site.tags().count("account:factor:failed") == ALLOWED
    assert site.tags().count("account:factor:limited") == 1


def test_the_page_offers_the_other_ways_in(visitor: Visitor, carol: Person) -> None:
    visitor.give_password(carol)

    key, code = visitor.get(f"{KEY}/", status=200), visitor.get(TWO_FACTOR, status=200)

    assert [link["href"] for link in key.html.select(".ways a")] == [TWO_FACTOR]
    assert [link["href"] for link in code.html.select(".ways a")] == [f"{KEY}/"]


def test_a_login_begins_with_the_strongest_factor(visitor: Visitor, carol: Person) -> None:
    answer = visitor.give_password(carol)

    assert urlsplit(answer.location).path == f"{KEY}/"


def test_a_person_whose_only_key_was_stopped_is_not_let_in_by_the_password(
    site: Site, visitor: Visitor, user_with_key: Person
) -> None:
    site.change("UPDATE webauthn_credentials SET suspended_at = '2026-12-01 12:00:00+00:00'")

    visitor.give_password(user_with_key)

    assert visitor.cookie("session") is None
    assert urlsplit(visitor.get(LANDING, status=303).location).path == "/account/login/"


def test_a_key_page_sent_without_an_answer_says_what_is_missing(
    site: Site, visitor: Visitor, carol: Person
) -> None:
    visitor.give_password(carol)

    page = visitor.form(f"{KEY}/", "webauthn-auth-form").submit(status=422)

    assert refusals(page) == ["The browser sent no answer of a security key. Try again."]
    assert visitor.cookie("session") is None
