"""A reset that meets something else: another link, another tab, a browser of somebody else."""

from collections.abc import Iterator

import pytest

from tests.common.jars import at_once, copy_cookies
from tests.common.people import Person
from tests.common.resetting import NEW, TASK, ask, ask_for_reset, links, open_link, send
from tests.common.site import HTTPS, Site
from tests.common.visitor import Visitor

HASHES = "SELECT username, password_hash FROM users ORDER BY username"


@pytest.fixture
def optional_site(database_url: str) -> Iterator[Site]:
    site = Site(database_url, HTTPS, second_factor="optional")
    yield site
    site.reset()
    site.close()


def test_a_form_changes_the_account_that_it_was_shown_for(
    site: Site, visitor: Visitor, user_with_totp: Person, mallory: Person
) -> None:
    page = open_link(visitor, ask_for_reset(site, user_with_totp))
    visitor.get(ask_for_reset(site, mallory), status=303)
    before = site.rows(HASHES)

    send(page, NEW, user_with_totp.code(), status=410)

    assert site.rows(HASHES) == before


def test_another_link_ends_the_one_before(
    site: Site, visitor: Visitor, user_with_totp: Person
) -> None:
    first = ask_for_reset(site, user_with_totp)
    site.clock.advance(minutes=11)

    second = ask_for_reset(site, user_with_totp)

    visitor.get(first, status=303).follow(status=410)
    open_link(visitor, second)


def test_wrong_answers_are_counted_over_all_links_of_a_day(
    site: Site, visitor: Visitor, user_with_totp: Person
) -> None:
    for _link in range(4):
        page = open_link(visitor, ask_for_reset(site, user_with_totp))
        for _attempt in range(5):
            send(page, NEW, user_with_totp.wrong_code(), status=422)
        site.clock.advance(minutes=11)

    page = open_link(visitor, ask_for_reset(site, user_with_totp))
    send(page, NEW, user_with_totp.code(), status=429)


def test_codes_without_a_factor_are_not_asked_for(optional_site: Site) -> None:
    site = optional_site
    person = site.person("alice", totp=True)
    visitor = site.visitor()
    visitor.log_in(person)
    visitor.make_recovery_codes(person)
    site.change("DELETE FROM totp_applications")

    page = open_link(visitor, ask_for_reset(site, person))

    assert "reset-password-form" in page.forms
    send(page, NEW, status=303)


def test_browsers_that_were_known_are_strangers_afterwards(
    site: Site, visitor: Visitor, user_with_totp: Person
) -> None:
    visitor.log_in(user_with_totp)
    page = open_link(site.visitor("198.51.100.4"), ask_for_reset(site, user_with_totp))
    site.clock.advance(seconds=60)

    send(page, NEW, user_with_totp.code())

    assert site.value("SELECT count(*) FROM known_devices") == 0


def test_it_is_recorded_for_the_account_alone(
    site: Site, visitor: Visitor, user_without_factor: Person, user_with_key: Person
) -> None:
    visitor.log_in(user_with_key)

    send(open_link(visitor, ask_for_reset(site, user_without_factor)), NEW)

    ((session_id, factor),) = site.rows(
        "SELECT session_id, factor FROM events WHERE tag = 'account:password:reset'"
    )
    assert (session_id, factor) == (None, None)


def test_of_two_tabs_one_changes_it_and_the_other_is_told_that_the_link_is_used(
    site: Site, visitor: Visitor, user_without_factor: Person
) -> None:
    link = ask_for_reset(site, user_without_factor)
    tabs = [site.visitor(f"198.51.100.{number}") for number in (5, 6)]
    pages = [open_link(tab, link) for tab in tabs]
    forms = [page.forms["reset-password-form"] for page in pages]
    for form in forms:
        form["new_password"] = form["password_confirm"] = NEW

    answers = at_once([lambda form=form: form.submit(expect_errors=True) for form in forms])

    assert sorted(answer.status_int for answer in answers) == [303, 410]


def test_a_request_that_waited_too_long_is_not_answered(
    site: Site, visitor: Visitor, user_with_totp: Person
) -> None:
    ask(visitor, user_with_totp.username)
    site.clock.advance(minutes=61)

    site.run_task(TASK)

    assert links(site, user_with_totp.address) == []
    assert site.value("SELECT count(*) FROM reset_requests") == 0


def test_of_four_codes_at_once_at_step_up_one_is_used(
    site: Site, visitor: Visitor, user_with_totp: Person
) -> None:
    visitor.log_in(user_with_totp)
    visitor.make_recovery_codes(user_with_totp)
    site.clock.advance(minutes=31)
    path = "/account/reauthenticate/?factor=recovery-code"
    token = visitor.csrf_token(path)
    tabs = [copy_cookies(visitor, site.visitor()) for _tab in range(4)]

    answers = at_once(
        [
            lambda tab=tab, code=code: tab.post(
                path, {"recovery_code_value": code, "csrf_token": token}, expect_errors=True
            )
            for tab, code in zip(tabs, user_with_totp.recovery_codes, strict=False)
        ]
    )

    assert max(answer.status_int for answer in answers) < 500
    assert site.value("SELECT count(*) FROM recovery_codes WHERE redeemed_at IS NOT NULL") == 1
