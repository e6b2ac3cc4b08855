"""Step-up: what must not be done with a stolen session asks for a factor again."""

import json
from urllib.parse import parse_qs, urlencode, urlsplit
from uuid import UUID

import pytest

from tests.common.jars import copy_cookies
from tests.common.people import Person
from tests.common.site import Site
from tests.common.visitor import (
    PROVISION_KEY,
    PROVISION_TOTP,
    REAUTHENTICATE,
    RECOVERY_CODES,
    Visitor,
)

PASSWORD = "/manage/account/password/"
TWO_FACTOR = "/manage/account/two-factor/"
GUARDED = [PROVISION_TOTP, PROVISION_KEY, RECOVERY_CODES, PASSWORD]


@pytest.fixture
def stale(site: Site, visitor: Visitor, user_with_totp: Person) -> Visitor:
    """Alice's session, long after her last factor."""
    visitor.log_in(user_with_totp)
    visitor.get(TWO_FACTOR)
    site.clock.advance(minutes=31)
    return visitor


def asked(answer: object) -> str:
    """Return where somebody who is asked for a factor goes afterwards."""
    parts = urlsplit(answer.location)  # type: ignore[attr-defined]
    assert parts.path == REAUTHENTICATE
    return parse_qs(parts.query)["next"][0]


def factor_page(site: Site, person: Person, act: str) -> str:
    table = "totp_applications" if person.codes else "webauthn_credentials"
    id_ = UUID(str(site.value(f"SELECT id FROM {table}")))
    name = "totp" if person.codes else "webauthn"
    return f"/manage/account/{name}-provision/{id_}/{act}"


def of_session(site: Site, column: str) -> object:
    """Return what the session says that was started last."""
    newest = f"SELECT {column} FROM sessions ORDER BY created_at DESC LIMIT 1"
    return site.value(newest)


# When it asks


@pytest.mark.attack("P-091")
@pytest.mark.parametrize("path", GUARDED)
def test_a_guarded_page_asks_a_stale_session_and_comes_back(
    site: Site, stale: Visitor, user_with_totp: Person, path: str
) -> None:
    assert asked(stale.get(path, status=303)) == path

    answer = stale.step_up(user_with_totp, next=path)

    assert answer.location.endswith(path)
    stale.get(path, status=200)


@pytest.mark.parametrize("path", GUARDED)
def test_a_fresh_login_counts_as_proof(visitor: Visitor, user_with_totp: Person, path: str) -> None:
    visitor.log_in(user_with_totp)

    visitor.get(path, status=200)


def test_enrolling_a_factor_counts_as_proof(
    site: Site, visitor: Visitor, user_without_factor: Person
) -> None:
    visitor.give_password(user_without_factor)
    site.clock.advance(minutes=50)

    visitor.enroll_totp(user_without_factor)

    visitor.get(RECOVERY_CODES, status=200)


def test_the_first_factor_needs_no_other_one(
    site: Site, visitor: Visitor, user_without_factor: Person
) -> None:
    visitor.give_password(user_without_factor)
    site.clock.advance(minutes=50)

    visitor.get(PROVISION_TOTP, status=200)


@pytest.mark.attack("P-091")
@pytest.mark.parametrize(("is_superuser", "minutes"), [(False, 29), (True, 9)])
def test_it_asks_again_after_the_window(
    site: Site, stale: Visitor, user_with_totp: Person, is_superuser: bool, minutes: int
) -> None:
    stale.step_up(user_with_totp)
    site.change("UPDATE users SET is_superuser = :yes", yes=is_superuser)
    site.clock.advance(minutes=minutes)
    stale.get(PASSWORD, status=200)

    site.clock.advance(minutes=2)

    stale.get(PASSWORD, status=303)


@pytest.mark.attack("P-042")
def test_a_stolen_session_enrolls_nothing(
    site: Site, visitor: Visitor, user_with_totp: Person
) -> None:
    visitor.log_in(user_with_totp)
    form = visitor.form(PROVISION_TOTP, "totp-provision-form")
    site.clock.advance(minutes=31)

    form["label"], form["totp_value"] = "Thief", "000000"
    answer = form.submit(status=303)

    assert asked(answer) == PROVISION_TOTP
    assert site.value("SELECT count(*) FROM totp_applications") == 1


@pytest.mark.attack("P-070")
@pytest.mark.parametrize("door", ["options", "validate"])
def test_a_stolen_session_registers_no_key(stale: Visitor, door: str) -> None:
    path = f"{PROVISION_KEY}/{door}"

    if door == "options":
        answer = stale.get(path, status=403)
    else:
        answer = stale.post_form(path, {"label": "Thief", "credential": "{}"}, status=403)

    refusal = answer.json["fail"]
    assert refusal["reason"] == "step-up-required"
    assert parse_qs(urlsplit(refusal["redirect_to"]).query)["next"] == [PROVISION_KEY]


@pytest.mark.attack("P-043", "P-071")
@pytest.mark.parametrize("act", ["rename", "delete"])
def test_a_stolen_session_changes_no_credential(
    site: Site, stale: Visitor, user_with_totp: Person, act: str
) -> None:
    path = factor_page(site, user_with_totp, act)

    assert asked(stale.get(path, status=303)) == path
    assert asked(stale.post_form(path, {"label": "Thief"}, status=303)) == path

    assert site.value("SELECT label FROM totp_applications") == "Phone"


@pytest.mark.parametrize("act", ["generate", "regenerate", "burn"])
def test_a_stolen_session_makes_no_recovery_codes(site: Site, stale: Visitor, act: str) -> None:
    answer = stale.post_form(f"{RECOVERY_CODES}{act}", status=303)

    assert asked(answer) == RECOVERY_CODES
    assert site.value("SELECT count(*) FROM recovery_codes") == 0


def test_what_was_typed_is_filled_in_again_but_no_secret(
    site: Site, visitor: Visitor, user_with_totp: Person
) -> None:
    visitor.log_in(user_with_totp)
    form = visitor.form(PROVISION_TOTP, "totp-provision-form")
    site.clock.advance(minutes=31)
    form["label"], form["totp_value"] = "Tablet", "123456"
    form.submit(status=303)

    visitor.step_up(user_with_totp, next=PROVISION_TOTP)
    again = visitor.form(PROVISION_TOTP, "totp-provision-form")

    assert (again["label"].value, again["totp_value"].value) == ("Tablet", "")
    once_more = visitor.form(PROVISION_TOTP, "totp-provision-form")
    assert once_more["label"].value == "My authenticator app"


def test_what_was_typed_is_for_the_page_and_the_person_alone(
    site: Site, visitor: Visitor, user_with_totp: Person, user_with_key: Person
) -> None:
    visitor.log_in(user_with_totp)
    form = visitor.form(PROVISION_TOTP, "totp-provision-form")
    site.clock.advance(minutes=31)
    form["label"] = "Of Alice"
    form.submit(status=303)
    visitor.post_form("/account/logout/", status=303)

    visitor.log_in(user_with_key)
    theirs = visitor.form(PROVISION_TOTP, "totp-provision-form")

    assert theirs["label"].value == "My authenticator app"


# What it does


def test_a_right_answer_gives_another_session_of_the_same_family(
    site: Site, stale: Visitor, user_with_totp: Person
) -> None:
    before, token = stale.cookie("session"), stale.csrf_token(TWO_FACTOR)
    family = of_session(site, "family_id")

    stale.step_up(user_with_totp)

    assert stale.cookie("session") != before
    assert stale.csrf_token(TWO_FACTOR) == token
    assert of_session(site, "family_id") == family
    assert site.tags()[-1] == "account:step-up:completed"


@pytest.mark.attack("P-027")
def test_the_session_from_before_is_dead(
    site: Site, stale: Visitor, user_with_totp: Person
) -> None:
    thief = copy_cookies(stale, site.visitor())

    stale.step_up(user_with_totp)

    thief.get(TWO_FACTOR, status=303)
    stale.get(TWO_FACTOR, status=200)


def test_a_key_steps_up_too(site: Site, visitor: Visitor, user_with_key: Person) -> None:
    visitor.log_in(user_with_key)
    site.clock.advance(minutes=31)

    answer = visitor.step_up(user_with_key, next=PASSWORD)

    assert answer.json["redirect_to"] == PASSWORD
    visitor.get(PASSWORD, status=200)


def test_a_recovery_code_steps_up_and_reduces_the_session(
    site: Site, visitor: Visitor, user_with_totp: Person
) -> None:
    visitor.log_in(user_with_totp)
    visitor.make_recovery_codes(user_with_totp)
    site.clock.advance(minutes=31)

    form = visitor.form(f"{REAUTHENTICATE}?factor=recovery-code", "recovery-auth-form")
    form["recovery_code_value"] = user_with_totp.recovery_codes[0]
    form.submit(status=303)

    visitor.get(PASSWORD, status=200)
    assert of_session(site, "is_reduced")


def test_the_strongest_factor_ends_that(site: Site, visitor: Visitor, mallory: Person) -> None:
    visitor.log_in(mallory)  # with the app, although there is a key
    assert of_session(site, "is_reduced")

    options = visitor.get(f"{REAUTHENTICATE}options?factor=webauthn-authenticate").json
    fields = {"credential": json.dumps(mallory.key.get(options, visitor.origin))}
    visitor.post_form(f"{REAUTHENTICATE}validate?factor=webauthn-authenticate", fields, status=200)

    assert not of_session(site, "is_reduced")


# What it refuses


@pytest.mark.attack("P-092")
def test_a_wrong_code_is_told_and_recorded_and_refreshes_nothing(
    site: Site, stale: Visitor, user_with_totp: Person
) -> None:
    form = stale.form(REAUTHENTICATE, "totp-auth-form")
    form["totp_value"] = user_with_totp.wrong_code()

    page = form.submit(status=422)

    assert page.html.select_one(".error-summary a").text == (
        "This code is not right. Enter the one the app shows now."
    )
    stale.get(PASSWORD, status=303)
    assert site.tags()[-1] == "account:factor:failed"


@pytest.mark.attack("P-092")
def test_guesses_are_limited_and_the_right_code_waits_too(
    site: Site, stale: Visitor, user_with_totp: Person
) -> None:
    form = stale.form(REAUTHENTICATE, "totp-auth-form")
    form["totp_value"] = user_with_totp.wrong_code()
    for _attempt in range(5):
        form.submit(status=422)

    form["totp_value"] = user_with_totp.code()
    answer = form.submit(status=429)

    assert int(answer.headers["Retry-After"]) > 0
    stale.get(PASSWORD, status=303)


@pytest.mark.attack("P-092")
def test_the_password_is_no_answer(stale: Visitor, user_with_totp: Person) -> None:
    stale.post_form(REAUTHENTICATE, {"password": user_with_totp.password}, status=422)

    stale.get(PASSWORD, status=303)


@pytest.mark.attack("P-015")
def test_it_needs_a_session(visitor: Visitor, user_with_totp: Person) -> None:
    visitor.give_password(user_with_totp)

    answer = visitor.get(REAUTHENTICATE, status=303)

    assert urlsplit(answer.location).path == "/account/login/"


def test_a_factor_that_one_does_not_have_is_not_there(stale: Visitor) -> None:
    stale.get(f"{REAUTHENTICATE}?factor=webauthn-authenticate", status=404)
    stale.get(f"{REAUTHENTICATE}?factor=nonsense", status=404)


def test_a_code_has_no_options(stale: Visitor) -> None:
    stale.get(f"{REAUTHENTICATE}options", status=404)


@pytest.mark.attack("P-072")
def test_a_challenge_of_a_login_does_not_step_up(
    site: Site, visitor: Visitor, user_with_key: Person
) -> None:
    other = site.visitor()
    other.give_password(user_with_key)
    options = other.get("/account/webauthn-authenticate/options").json
    assertion = user_with_key.key.get(options, visitor.origin)
    visitor.log_in(user_with_key)

    answer = visitor.post_form(
        f"{REAUTHENTICATE}validate", {"credential": json.dumps(assertion)}, status=422
    )

    assert answer.json["fail"]["reason"] == "rejected"


@pytest.mark.attack("P-072")
def test_a_challenge_of_a_step_up_does_not_log_in(
    site: Site, visitor: Visitor, user_with_key: Person
) -> None:
    visitor.log_in(user_with_key)
    options = visitor.get(f"{REAUTHENTICATE}options").json
    assertion = user_with_key.key.get(options, visitor.origin)
    other = site.visitor()
    other.give_password(user_with_key)

    other.send_assertion(assertion, status=422)


def test_next_stays_with_us(stale: Visitor, user_with_totp: Person) -> None:
    answer = stale.step_up(user_with_totp, next="//evil.example/")

    assert urlsplit(answer.location).path == "/manage/account/"


@pytest.mark.attack("P-012", "P-101", "P-102")
@pytest.mark.parametrize(
    "next", ["https://evil.example", "/\\evil.example", "/a\r\nX: y", "' OR 1=1", "%"]
)
def test_an_odd_next_is_replaced(stale: Visitor, user_with_totp: Person, next: str) -> None:
    query = urlencode({"factor": "two-factor", "next": next})
    form = stale.form(f"{REAUTHENTICATE}?{query}", "totp-auth-form")
    form["totp_value"] = user_with_totp.code()

    answer = form.submit(status=303)

    assert answer.location == f"{stale.origin}/manage/account/"
    assert "X" not in answer.headers


@pytest.mark.attack("P-101")
@pytest.mark.parametrize(
    "factor", ["%", "_", "two_factor", "' OR 1=1--", "two-factor/", "é", "a" * 5000]
)
def test_an_odd_factor_is_not_there(stale: Visitor, factor: str) -> None:
    stale.get(f"{REAUTHENTICATE}?{urlencode({'factor': factor})}", status=404)


def test_a_key_that_seems_copied_is_stopped_here_too(
    site: Site, visitor: Visitor, user_with_key: Person
) -> None:
    visitor.log_in(user_with_key)
    site.change("UPDATE webauthn_credentials SET sign_count = 1000")
    options = visitor.get(f"{REAUTHENTICATE}options").json
    assertion = user_with_key.key.get(options, visitor.origin)

    visitor.post_form(
        f"{REAUTHENTICATE}validate", {"credential": json.dumps(assertion)}, status=422
    )
    page = visitor.get(REAUTHENTICATE, status=200)

    assert "None of your second factors can be used" in page.text
    assert "account:webauthn:possible-clone" in site.tags()


def test_a_clock_that_was_set_back_keeps_no_proof_fresh(
    site: Site, visitor: Visitor, user_with_totp: Person
) -> None:
    visitor.log_in(user_with_totp)

    site.clock.advance(seconds=-6)

    visitor.get(PASSWORD, status=303)


def test_a_proof_counts_at_a_machine_whose_clock_is_a_little_behind(
    site: Site, visitor: Visitor, user_with_totp: Person
) -> None:
    visitor.log_in(user_with_totp)

    site.clock.advance(seconds=-5)

    visitor.get(PASSWORD, status=200)


def test_a_long_text_makes_no_cookie_that_is_too_long(
    site: Site, visitor: Visitor, user_with_totp: Person
) -> None:
    visitor.log_in(user_with_totp)
    form = visitor.form(PROVISION_TOTP, "totp-provision-form")
    site.clock.advance(minutes=31)

    form["label"] = "\N{EURO SIGN}" * 1900
    answer = form.submit(status=303)

    assert all(len(cookie) < 4096 for cookie in answer.headers.getall("Set-Cookie"))
