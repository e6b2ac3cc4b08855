"""Failed codes in a row, over all devices, sessions and days, stop the app."""

from collections import Counter
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

from tests.common.answers import refusals
from tests.common.jars import at_once
from tests.common.people import Person
from tests.common.site import Site, origin_for
from tests.common.visitor import REAUTHENTICATE, TWO_FACTOR, Visitor

ALLOWED = 12  # failures in a row; a hundred by default
PLENTY = "100000 per 5 minutes"
ROOMY = ("login_user", "login_address", "code_user", "code_device", "factor_address", "reset_link")


@pytest.fixture(scope="module")
def strict_site(database_url: str) -> Iterator[Site]:
    limits = {f"limit_{name}": PLENTY for name in ROOMY}
    site = Site(database_url, origin_for(database_url), limit_totp_streak=str(ALLOWED), **limits)
    yield site
    site.close()


@pytest.fixture
def site(strict_site: Site) -> Iterator[Site]:
    """The application that stops early, and has no other limit to speak of."""
    yield strict_site
    strict_site.reset()


@pytest.fixture
def carol(site: Site) -> Person:
    """Carol: authenticator app, security key, recovery codes."""
    person = site.person("carol", totp=True, key=True)
    visitor = site.visitor()
    visitor.log_in(person)
    visitor.make_recovery_codes(person)
    site.clock.advance(minutes=2)
    return person


def guess(site: Site, person: Person, n: int = 0, status: Any = 422) -> Any:
    """Fail from a browser and an address of its own."""
    visitor = site.visitor(address=f"198.51.100.{n % 250}")
    visitor.give_password(person)
    return visitor.post_form(TWO_FACTOR, {"totp_value": person.wrong_code()}, status=status)


def failures(site: Site) -> int:
    return site.tags().count("account:factor:failed")


def stop(site: Site, person: Person) -> None:
    for n in range(ALLOWED):
        guess(site, person, n)


def right_code(site: Site, person: Person, status: int) -> Any:
    visitor = site.visitor(address="203.0.113.9")
    visitor.give_password(person)
    return visitor.post_form(TWO_FACTOR, {"totp_value": person.code()}, status=status)


@pytest.mark.attack("P-035", "P-036")
def test_so_many_failures_in_a_row_stop_the_app(site: Site, carol: Person) -> None:
    stop(site, carol)

    refused = right_code(site, carol, 422)

    assert "too often in a row" in refusals(refused)[0]
    assert failures(site) == ALLOWED
    assert site.value("SELECT count(*) FROM attempt_counters WHERE span = 0") == 1


@pytest.mark.attack("P-037")
def test_no_time_ends_it(site: Site, carol: Person) -> None:
    for n in range(ALLOWED):
        guess(site, carol, n)
        site.clock.advance(days=3)
        site.run_task("rate_limiting.purge")
    site.clock.advance(days=1000)

    right_code(site, carol, 422)

    assert failures(site) == ALLOWED


@pytest.mark.attack("P-037")
def test_nothing_that_knows_the_password_alone_begins_the_row_again(
    site: Site, visitor: Visitor, carol: Person, database_url: str
) -> None:
    for n in range(0, ALLOWED, 2):
        guess(site, carol, n)
        visitor.give_password(carol)
        visitor.get(TWO_FACTOR, status=200)
        visitor.post_form("/account/logout/", status="*")
        visitor.post_form("/account/request-password-reset/", {"username_or_email": "carol"})
        site.run_task("login.reset")
        restarted = Site(
            database_url, site.origin, limit_totp_streak=str(ALLOWED), limit_code_user=PLENTY
        )
        restarted.clock.advance(seconds=(site.clock.now() - restarted.clock.now()).total_seconds())
        guess(restarted, carol, n + 1)
        restarted.close()

    right_code(site, carol, 422)

    assert failures(site) == ALLOWED


def test_a_right_code_ends_the_row(site: Site, visitor: Visitor, carol: Person) -> None:
    for n in range(ALLOWED - 1):
        guess(site, carol, n)
    right_code(site, carol, 303)

    for n in range(ALLOWED):
        guess(site, carol, n)

    assert failures(site) == 2 * ALLOWED - 1


@pytest.mark.attack("P-035")
@pytest.mark.parametrize("way", ["key", "recovery code"])
def test_another_way_in_lets_the_app_begin_again(
    site: Site, visitor: Visitor, carol: Person, way: str
) -> None:
    stop(site, carol)
    visitor.give_password(carol)

    if way == "key":
        visitor.give_key(carol)
    else:
        visitor.give_recovery_code(carol.recovery_codes.pop())

    right_code(site, carol, 303)


@pytest.mark.attack("P-037")
def test_a_key_at_step_up_does_not_let_the_app_begin_again(
    site: Site, visitor: Visitor, carol: Person
) -> None:
    visitor.log_in(carol)
    stop(site, carol)
    app_secrets, carol.codes[:] = carol.codes[:], []

    visitor.step_up(carol)

    carol.codes[:] = app_secrets
    right_code(site, carol, 422)


@pytest.mark.attack("P-037")
def test_failures_at_step_up_belong_to_the_row(site: Site, visitor: Visitor, carol: Person) -> None:
    visitor.log_in(carol)
    path = f"{REAUTHENTICATE}?factor=two-factor"
    for _ in range(ALLOWED):
        visitor.post_form(path, {"totp_value": carol.wrong_code()}, status=422)
    site.clock.advance(minutes=2)

    refused = visitor.post_form(path, {"totp_value": carol.code()}, status=422)

    assert "too often in a row" in refusals(refused)[0]
    right_code(site, carol, 422)
    assert failures(site) == ALLOWED


@pytest.mark.attack("P-037")
def test_failures_in_a_reset_belong_to_the_row(site: Site, visitor: Visitor, carol: Person) -> None:
    visitor.post_form("/account/request-password-reset/", {"username_or_email": "carol"})
    site.run_task("login.reset")
    visitor.get(site.mails(to="carol@example.org")[-1].link, status=303)
    fields = dict.fromkeys(("new_password", "password_confirm"), "a new battery staple 7")
    path = "/account/reset-password/?factor=two-factor"
    for _ in range(ALLOWED):
        visitor.post_form(path, {**fields, "totp_value": carol.wrong_code()}, status=422)

    refused = visitor.post_form(path, {**fields, "totp_value": carol.code()}, status=422)

    assert "too often in a row" in refusals(refused)[0]
    assert failures(site) == ALLOWED
    assert "account:password:reset" not in site.tags()


@pytest.mark.attack("P-035")
def test_two_hundred_wrong_codes_at_once_are_evaluated_as_often_as_the_row_allows(
    site: Site, carol: Person
) -> None:
    acts = []
    for n in range(200):
        visitor = site.visitor(address=f"198.51.100.{n}")
        visitor.give_password(carol)
        fields = {"totp_value": carol.wrong_code(), "csrf_token": visitor.csrf_token(TWO_FACTOR)}
        acts.append(partial(visitor.post, TWO_FACTOR, fields, status="*"))

    statuses = Counter(answer.status_int for answer in at_once(acts))

    assert statuses == {422: 200}
    assert failures(site) == ALLOWED
    assert site.tags().count("account:factor:stopped") == 1


def test_it_is_one_event_and_one_mail(site: Site, carol: Person) -> None:
    stop(site, carol)
    before = len(site.mails(to="carol@example.org"))

    for n in range(4):
        guess(site, carol, n)

    assert site.tags().count("account:factor:stopped") == 1
    (mail,) = site.mails(to="carol@example.org")[before:]
    assert "recovery code" in mail.text


def test_the_page_offers_the_other_ways(site: Site, carol: Person) -> None:
    stop(site, carol)

    page = guess(site, carol)

    assert [way.text for way in page.html.select(".ways a")] == [
        "Security key or passkey",
        "Recovery code",
    ]
    assert page.html.find(id="totp-auth-form") is None


def test_somebody_without_another_way_is_told_whom_to_ask(
    site: Site, user_with_totp: Person
) -> None:
    stop(site, user_with_totp)

    page = guess(site, user_with_totp)

    assert "Ask the people who run" in page.html.select_one(".note-warning").text


@pytest.mark.attack("P-049")
def test_an_app_that_is_stopped_uses_up_no_budget_of_recovery_codes(
    site: Site, visitor: Visitor, carol: Person
) -> None:
    stop(site, carol)
    before = site.rows("SELECT sum(count) FROM attempt_counters")

    for n in range(5):
        guess(site, carol, n)

    assert site.rows("SELECT sum(count) FROM attempt_counters") == before


@pytest.mark.attack("P-049")
def test_wrong_recovery_codes_do_not_stop_the_app(
    site: Site, visitor: Visitor, carol: Person
) -> None:
    visitor.give_password(carol)
    for _ in range(ALLOWED):
        visitor.give_recovery_code("0000-0000-0000-0000-0000-0000", status=422)

    right_code(site, carol, 303)


def test_codes_for_somebody_without_an_app_do_not_stop_the_one_enrolled_later(
    site: Site, visitor: Visitor, user_with_key: Person
) -> None:
    visitor.log_in(user_with_key)
    stranger = site.visitor(address="198.51.100.1")
    stranger.give_password(user_with_key)
    for _ in range(ALLOWED + 1):
        stranger.post_form(TWO_FACTOR, {"totp_value": "123456"}, status=422)
    visitor.enroll_totp(user_with_key)
    site.clock.advance(minutes=2)

    right_code(site, user_with_key, 303)
