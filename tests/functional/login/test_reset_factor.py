"""The second factor of a reset: whoever reads the mailbox alone gets nowhere, and locks nobody out."""

import json
from typing import Any

import pytest

from tests.common.answers import refusals
from tests.common.people import Person
from tests.common.resetting import (
    NEW,
    RESET,
    ask_for_reset,
    choose,
    choose_with_key,
    key_answer,
    open_link,
    send,
)
from tests.common.site import Site
from tests.common.visitor import KEY, REAUTHENTICATE, TWO_FACTOR, Visitor

pytestmark = pytest.mark.attack("P-094")

BY_CODE = f"{RESET}?factor=recovery-code"
RESETS = "account:password:reset"
UNSPENT = "SELECT count(*) FROM recovery_codes WHERE redeemed_at IS NULL"
SPENT = "SELECT count(*) FROM spent_challenges"
LIMIT_REFUSAL = "account:factor:limited"


@pytest.fixture
def alice(site: Site, visitor: Visitor, user_with_totp: Person) -> Person:
    """Alice, who has an app; her link is open in `visitor`."""
    open_link(visitor, ask_for_reset(site, user_with_totp))
    return user_with_totp


@pytest.fixture
def bob(site: Site, visitor: Visitor, user_with_key: Person) -> Person:
    """Bob, who has a key; his link is open in `visitor`."""
    open_link(visitor, ask_for_reset(site, user_with_key))
    return user_with_key


@pytest.fixture
def codes(site: Site, visitor: Visitor, user_with_totp: Person) -> list[str]:
    """The recovery codes of Alice, whose link is open in `visitor`."""
    other = site.visitor("198.51.100.1")
    other.log_in(user_with_totp)
    other.make_recovery_codes(user_with_totp)
    site.clock.advance(seconds=60)
    open_link(visitor, ask_for_reset(site, user_with_totp))
    return user_with_totp.recovery_codes


def give_recovery_code(visitor: Visitor, code: str, new: str = NEW, status: Any = 303) -> Any:
    return send(visitor.get(BY_CODE, status=200), new, code, status=status)


def suspend_keys(site: Site) -> None:
    site.change("UPDATE webauthn_credentials SET suspended_at = created_at")


# What is enough


def test_a_code_of_the_app_is_enough(site: Site, visitor: Visitor, alice: Person) -> None:
    choose(visitor, answer=alice.code())

    assert site.tags()[-1] == RESETS


def test_a_security_key_is_enough(site: Site, visitor: Visitor, bob: Person) -> None:
    answer = choose_with_key(visitor, key_answer(visitor, bob))

    assert answer.json["redirect_to"] == "/account/login/"
    assert visitor.cookie("session") is None
    assert site.tags()[-1] == RESETS
    site.visitor("198.51.100.1").give_password(bob, password=NEW)


def test_a_recovery_code_is_enough_and_used_up(
    site: Site, visitor: Visitor, codes: list[str]
) -> None:
    give_recovery_code(visitor, codes[0])

    assert RESETS in site.tags()
    assert site.value(UNSPENT) == 7


def test_an_account_without_a_factor_is_asked_for_none(
    site: Site, visitor: Visitor, user_without_factor: Person
) -> None:
    page = open_link(visitor, ask_for_reset(site, user_without_factor))

    send(page, NEW)

    assert page.forms.keys() >= {"reset-password-form"}
    assert RESETS in site.tags()


def test_the_strongest_is_asked_for_and_the_others_are_offered(
    site: Site, visitor: Visitor, mallory: Person
) -> None:
    page = open_link(visitor, ask_for_reset(site, mallory))

    assert "webauthn-auth-form" in page.forms
    (other,) = page.html.select(".ways a")
    assert "totp-auth-form" in visitor.get(other["href"], status=200).forms


# What is not


@pytest.mark.parametrize("answer", ["", "000000x", "wrong"])
def test_without_the_right_code_nothing_changes(
    site: Site, visitor: Visitor, alice: Person, answer: str
) -> None:
    stored = site.value("SELECT password_hash FROM users")

    page = choose(visitor, answer=alice.wrong_code() if answer == "wrong" else answer, status=422)

    assert page.html.find("input", {"name": "totp_value"})["aria-invalid"] == "true"
    assert site.value("SELECT password_hash FROM users") == stored
    assert RESETS not in site.tags()


@pytest.mark.parametrize("path", [RESET, f"{RESET}?factor=two-factor", f"{RESET}validate"])
def test_leaving_the_factor_out_is_refused(
    site: Site, visitor: Visitor, alice: Person, path: str
) -> None:
    visitor.post_form(path, {"new_password": NEW, "password_confirm": NEW}, status=422)

    assert RESETS not in site.tags()


@pytest.mark.parametrize("segment", ["webauthn-authenticate", "recovery-code", "nonsense", ""])
def test_a_factor_that_the_account_does_not_have_is_not_there(
    site: Site, visitor: Visitor, alice: Person, segment: str
) -> None:
    fields = {"new_password": NEW, "password_confirm": NEW, "totp_value": alice.code()}

    visitor.get(f"{RESET}?factor={segment}", status=404)
    visitor.post_form(f"{RESET}?factor={segment}", fields, status=404)

    assert RESETS not in site.tags()


def test_a_code_that_logged_in_resets_nothing(site: Site, visitor: Visitor, alice: Person) -> None:
    code = alice.code()
    other = site.visitor("198.51.100.1")
    other.give_password(alice)
    other.give_code(code)

    choose(visitor, answer=code, status=422)

    assert RESETS not in site.tags()


def test_the_factor_of_somebody_else_resets_nothing(
    site: Site, visitor: Visitor, alice: Person, mallory: Person
) -> None:
    choose(visitor, answer=mallory.code(), status=422)

    assert RESETS not in site.tags()


def test_only_what_answers_by_itself_has_options(
    site: Site, visitor: Visitor, user_without_factor: Person, alice: Person
) -> None:
    visitor.get(f"{RESET}options", status=404)

    other = site.visitor()
    site.clock.advance(minutes=1)
    open_link(other, ask_for_reset(site, user_without_factor))
    other.get(f"{RESET}options", status=404)


# A stopped key


def test_a_person_whose_only_key_is_stopped_is_told_whom_to_ask(
    site: Site, visitor: Visitor, bob: Person
) -> None:
    credential = key_answer(visitor, bob)
    suspend_keys(site)

    page = visitor.get(RESET, status=200)
    choose_with_key(visitor, credential, status=422)

    assert "Ask the people who run" in page.html.select_one(".note-warning").text
    assert "webauthn-auth-form" not in page.forms
    assert RESETS not in site.tags()


def test_a_person_whose_key_is_stopped_uses_another_factor(
    site: Site, visitor: Visitor, mallory: Person
) -> None:
    suspend_keys(site)
    open_link(visitor, ask_for_reset(site, mallory))

    choose(visitor, answer=mallory.code())

    assert RESETS in site.tags()


def test_a_key_that_seems_copied_is_stopped_here_too(
    site: Site, visitor: Visitor, bob: Person
) -> None:
    site.change("UPDATE webauthn_credentials SET sign_count = 1000")

    choose_with_key(visitor, key_answer(visitor, bob), status=422)

    assert "account:webauthn:possible-clone" in site.tags()
    assert RESETS not in site.tags()


# Challenges


@pytest.mark.attack("P-072")
def test_a_challenge_of_a_login_resets_nothing(site: Site, visitor: Visitor, bob: Person) -> None:
    other = site.visitor("198.51.100.1")
    other.give_password(bob)
    options = other.get(f"{KEY}/options", status=200).json

    choose_with_key(visitor, bob.key.get(options, site.origin), status=422)

    assert RESETS not in site.tags()


@pytest.mark.attack("P-072")
def test_a_challenge_of_a_step_up_resets_nothing(site: Site, visitor: Visitor, bob: Person) -> None:
    other = site.visitor("198.51.100.1")
    other.log_in(bob)
    options = other.get(f"{REAUTHENTICATE}options", status=200).json

    choose_with_key(visitor, bob.key.get(options, site.origin), status=422)

    assert RESETS not in site.tags()


@pytest.mark.attack("P-072")
def test_a_challenge_of_a_reset_logs_nobody_in(site: Site, visitor: Visitor, bob: Person) -> None:
    credential = key_answer(visitor, bob)
    other = site.visitor("198.51.100.1")
    other.give_password(bob)

    other.send_assertion(credential, status=422)

    other.get("/manage/account/", status=303)


@pytest.mark.attack("P-072")
def test_a_challenge_of_a_reset_steps_nobody_up(site: Site, visitor: Visitor, bob: Person) -> None:
    credential = key_answer(visitor, bob)
    other = site.visitor("198.51.100.1")
    other.log_in(bob)

    fields = {"credential": json.dumps(credential)}
    other.post_form(f"{REAUTHENTICATE}validate", fields, status=422)

    assert "account:step-up:completed" not in site.tags()


@pytest.mark.attack("P-072")
def test_a_challenge_of_one_link_does_not_serve_another(
    site: Site, visitor: Visitor, bob: Person
) -> None:
    credential = key_answer(visitor, bob)
    site.clock.advance(minutes=4)
    site.change("DELETE FROM attempt_counters")  # else there is one link in ten minutes
    other = site.visitor()
    open_link(other, ask_for_reset(site, bob))

    choose_with_key(other, credential, status=422)

    assert RESETS not in site.tags()


@pytest.mark.attack("P-074")
def test_an_answer_serves_once(site: Site, visitor: Visitor, bob: Person) -> None:
    credential = key_answer(visitor, bob)
    site.change("UPDATE webauthn_credentials SET sign_count = 1000")
    choose_with_key(visitor, credential, status=422)
    site.change("UPDATE webauthn_credentials SET sign_count = 0, suspended_at = NULL")

    choose_with_key(visitor, credential, status=422)

    assert RESETS not in site.tags()


# Guesses


def test_five_wrong_answers_use_the_link_up(site: Site, visitor: Visitor, alice: Person) -> None:
    for _attempt in range(5):
        choose(visitor, answer=alice.wrong_code(), status=422)

    answer = choose(visitor, answer=alice.code(), status=410)

    assert "Ask for a new link" in answer.text
    assert RESETS not in site.tags()
    assert site.tags().count("account:factor:failed") == 5
    assert site.tags().count(LIMIT_REFUSAL) == 1


def test_wrong_answers_of_every_kind_count_for_the_link(
    site: Site, visitor: Visitor, codes: list[str], user_with_totp: Person
) -> None:
    for _attempt in range(2):
        send(
            visitor.get(f"{RESET}?factor=two-factor"),
            NEW,
            user_with_totp.wrong_code(),
            status=422,
        )
    for _attempt in range(3):
        give_recovery_code(visitor, "0000-0000-0000-0000-0000-0000", status=422)

    give_recovery_code(visitor, codes[0], status=410)

    assert site.value(UNSPENT) == 8


def test_they_count_for_the_link_in_whatever_browser_it_is_open(
    site: Site, visitor: Visitor, user_with_totp: Person
) -> None:
    link = ask_for_reset(site, user_with_totp)
    for number in range(5):
        guesser = site.visitor(f"198.51.100.{number}")
        open_link(guesser, link)
        choose(guesser, answer=user_with_totp.wrong_code(), status=422)

    open_link(visitor, link)
    choose(visitor, answer=user_with_totp.code(), status=410)

    assert RESETS not in site.tags()


def test_whoever_reads_the_mailbox_locks_nobody_out_of_the_login(
    site: Site, visitor: Visitor, alice: Person
) -> None:
    for _attempt in range(5):
        choose(visitor, answer=alice.wrong_code(), status=422)
    choose(visitor, answer=alice.code(), status=410)

    # From the same network address, in a browser that is not known: the budgets that could be used up.
    person = site.visitor()
    person.give_password(alice)
    for _attempt in range(4):
        person.give_code(alice.wrong_code(), status=422)
    person.give_code(alice.code())

    person.get("/manage/account/", status=200)


def test_wrong_codes_at_login_do_not_count_for_the_link(
    site: Site, visitor: Visitor, alice: Person
) -> None:
    guesser = site.visitor("198.51.100.1")
    guesser.give_password(alice)
    for _attempt in range(5):
        guesser.give_code(alice.wrong_code(), status=422)
    guesser.post_form(TWO_FACTOR, {"totp_value": alice.code()}, status=429)

    choose(visitor, answer=alice.code())

    assert RESETS in site.tags()


# The rules of the password come first


@pytest.mark.parametrize("flaw", ["weak", "differs", "missing"])
def test_a_password_that_is_refused_costs_no_code_of_the_app(
    site: Site, visitor: Visitor, alice: Person, flaw: str
) -> None:
    code = alice.code()
    new, again = {"weak": ("password1", None), "differs": (NEW, "x"), "missing": ("", "")}[flaw]

    page = choose(visitor, new, code, again, status=422)

    assert page.html.find("input", {"name": "totp_value"}).get("value", "") == ""
    choose(visitor, answer=code)
    assert RESETS in site.tags()


def test_a_password_that_is_refused_costs_no_recovery_code(
    site: Site, visitor: Visitor, codes: list[str]
) -> None:
    page = give_recovery_code(visitor, codes[0], "password1", status=422)

    assert refusals(page) == ["This is one of the passwords that are tried first. Use another."]
    assert site.value(UNSPENT) == 8
    give_recovery_code(visitor, codes[0])


def test_a_password_that_is_refused_costs_no_answer_of_the_key(
    site: Site, visitor: Visitor, bob: Person
) -> None:
    credential, before = key_answer(visitor, bob), site.value(SPENT)

    answer = choose_with_key(visitor, credential, "password1", status=422)

    assert "tried first" in answer.json["fail"]["errors"][0]
    assert site.value(SPENT) == before
    choose_with_key(visitor, credential)


def test_a_wrong_code_costs_no_hash_and_says_nothing_of_the_password(
    site: Site, visitor: Visitor, alice: Person
) -> None:
    page = choose(visitor, answer=alice.wrong_code(), status=422)

    for name in ("new_password", "password_confirm"):
        field = page.html.find("input", {"name": name})
        assert not field.get("value")
        assert "aria-invalid" not in field.attrs
