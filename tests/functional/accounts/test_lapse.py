"""What nobody verified lapses after seven days."""

import pytest

from tests.common.people import Person
from tests.common.registering import register
from tests.common.site import Site
from tests.common.visitor import Visitor

TASK = "accounts.lapse"
ACCOUNTS = "SELECT username FROM users ORDER BY username"


def test_an_account_that_nobody_verified_lapses_with_all_that_is_its(
    site: Site, visitor: Visitor
) -> None:
    register(visitor)
    site.clock.advance(days=7, seconds=1)

    site.run_task(TASK)

    for table in ("users", "emails", "sessions", "mailed_tokens"):
        assert site.value(f"SELECT count(*) FROM {table}") == 0
    assert site.tags()[0] == "account:registered"


def test_an_account_has_seven_days(site: Site, visitor: Visitor) -> None:
    register(visitor)
    site.clock.advance(days=7)

    site.run_task(TASK)

    assert site.rows(ACCOUNTS) == [("newton",)]
    assert site.tags() == ["account:registered"]


def test_what_names_a_person_goes_with_an_account_that_lapses(site: Site, visitor: Visitor) -> None:
    register(visitor)
    visitor.post_form("/account/logout/", status=303)
    assert site.value("SELECT count(*) FROM event_private") > 0
    site.clock.advance(days=8)

    site.run_task(TASK)

    assert site.value("SELECT count(*) FROM event_private") == 0


@pytest.mark.attack("P-105")
def test_an_account_that_lapses_leaves_one_event_whatever_the_rounds(
    site: Site, visitor: Visitor
) -> None:
    register(visitor)
    user_id = site.value("SELECT id FROM users")
    site.clock.advance(days=8)

    site.run_task(TASK)
    site.run_task(TASK)

    assert site.tags() == ["account:registered", "account:lapsed"]
    lapsed = "SELECT subject_id, actor_id, facts FROM events WHERE tag = 'account:lapsed'"
    ((subject_id, actor_id, facts),) = site.rows(lapsed)
    assert (subject_id, actor_id) == (user_id, None)
    assert "newton" in str(facts)


@pytest.mark.attack("P-105")
def test_a_claim_that_lapses_alone_leaves_one_event(site: Site, user_with_totp: Person) -> None:
    site.change("UPDATE emails SET verified_at = NULL")
    (owner,) = site.rows("SELECT user_id, id FROM emails")
    before = site.tags()
    site.clock.advance(days=8)

    site.run_task(TASK)
    site.run_task(TASK)

    assert site.tags()[len(before) :] == ["account:email:lapsed"]
    assert site.value("SELECT subject_id FROM events ORDER BY id DESC LIMIT 1") == owner.user_id


def test_a_name_that_lapsed_is_free_again(site: Site, visitor: Visitor) -> None:
    register(visitor)
    site.clock.advance(days=8)
    site.run_task(TASK)

    register(site.visitor())

    assert site.rows(ACCOUNTS) == [("newton",)]


@pytest.mark.parametrize("days", [8, 400])
def test_a_verified_account_stays(
    site: Site, user_with_totp: Person, user_without_factor: Person, days: int
) -> None:
    site.clock.advance(days=days)

    site.run_task(TASK)

    assert site.rows(ACCOUNTS) == [("alice",), ("dave",)]
    assert site.value("SELECT count(*) FROM emails") == 2


def test_a_claim_that_a_verified_account_did_not_verify_lapses_alone(
    site: Site, user_with_totp: Person, user_without_factor: Person
) -> None:
    site.change("UPDATE emails SET verified_at = NULL WHERE address = 'dave@example.org'")
    site.clock.advance(days=8)

    site.run_task(TASK)

    assert site.rows(ACCOUNTS) == [("alice",), ("dave",)]
    assert site.rows("SELECT address FROM emails") == [("alice@example.org",)]


def test_a_session_of_an_account_that_lapsed_is_over(site: Site, visitor: Visitor) -> None:
    register(visitor)
    site.change("UPDATE users SET created_at = '2026-11-01 00:00:00+00:00'")
    site.run_task(TASK)

    answer = visitor.get("/manage/unverified-account/", status=303)

    assert "/account/login/" in answer.location
