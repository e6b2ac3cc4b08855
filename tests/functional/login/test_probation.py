"""Probation: for a while after what a thief would do, nothing of high impact."""

from collections.abc import Callable, Iterator
from uuid import UUID

import pytest

from tests.common.people import Person
from tests.common.resetting import ask_for_reset, choose_with_key, key_answer
from tests.common.saying import not_me_link, say_not_me
from tests.common.site import Site, origin_for
from tests.common.visitor import Visitor
from tests.common.weighing import ACT, WeighingSite

EMAILS = "/manage/account/emails/"
JSON = {"Accept": "application/json"}


@pytest.fixture(scope="module")
def weighing_site(database_url: str) -> Iterator[WeighingSite]:
    site = WeighingSite(database_url, origin_for(database_url))
    yield site
    site.close()


@pytest.fixture
def site(weighing_site: WeighingSite) -> Iterator[Site]:
    yield weighing_site
    weighing_site.reset()


@pytest.fixture
def alice(site: Site) -> Person:
    """She has a key, an app, and codes that are kept."""
    alice, visitor = site.person("alice", totp=True, key=True), site.visitor("198.51.100.9")
    log_in(visitor, alice)
    visitor.make_recovery_codes(alice)
    visitor.prove_recovery_code(alice)
    site.clock.advance(minutes=1)
    return alice


def log_in(visitor: Visitor, person: Person) -> None:
    """Log in with the key, the strongest factor."""
    visitor.give_password(person)
    visitor.give_key(person)


def with_recovery_code(site: Site, visitor: Visitor, person: Person) -> None:
    visitor.give_password(person)
    visitor.give_recovery_code(person.recovery_codes[-1])


def by_reset(site: Site, visitor: Visitor, person: Person) -> None:
    other = site.visitor()
    other.get(ask_for_reset(site, person), status=303)
    choose_with_key(other, key_answer(other, person), person.password + "!")
    person.password += "!"
    log_in(visitor, person)


def by_primary_address(site: Site, visitor: Visitor, person: Person) -> None:
    log_in(visitor, person)
    visitor.post_form(EMAILS, {"email": "alice@example.net"}, status=303)
    site.change("UPDATE emails SET verified_at = created_at")
    email_id = site.value("SELECT id FROM emails WHERE address = 'alice@example.net'")
    visitor.post_form(EMAILS, {"primary_email_id": str(email_id)}, status=303)


def by_adding_while_reduced(site: Site, visitor: Visitor, person: Person) -> None:
    visitor.log_in(person)
    visitor.enroll_totp(person, "Tablet")


def by_removing_while_reduced(site: Site, visitor: Visitor, person: Person) -> None:
    visitor.log_in(person)
    id_ = UUID(str(site.value("SELECT id FROM totp_applications")))
    visitor.post_form(f"/manage/account/totp-provision/{id_}/delete", status=303)


CAUSES: dict[str, Callable[[Site, Visitor, Person], None]] = {
    "recovery-code": with_recovery_code,
    "reset": by_reset,
    "primary-address": by_primary_address,
    "factor-added": by_adding_while_reduced,
    "factor-removed": by_removing_while_reduced,
}


def test_who_is_not_on_probation_may(site: Site, visitor: Visitor, alice: Person) -> None:
    log_in(visitor, alice)

    assert visitor.get(ACT, status=200).text == "done"
    assert visitor.post_form(ACT, status=200).text == "done"


@pytest.mark.parametrize("cause", CAUSES)
def test_after_what_a_thief_would_do_it_has_to_wait(
    site: Site, visitor: Visitor, alice: Person, cause: str
) -> None:
    CAUSES[cause](site, visitor, alice)

    page = visitor.get(ACT, status=403)

    assert "This has to wait" in page.text
    assert "A thief would do that, too" in page.text
    assert page.html.find("time") is not None
    assert site.value("SELECT probation_cause FROM users") == cause
    overview = visitor.get("/manage/account/", status=200)
    assert "what cannot be undone has to wait" in overview.html.find(id="probation").text


def test_a_program_is_told_why(site: Site, visitor: Visitor, alice: Person) -> None:
    by_primary_address(site, visitor, alice)

    answer = visitor.get(ACT, headers=JSON, status=403)

    assert answer.json["fail"]["reason"] == "on-probation"
    assert answer.json["fail"]["errors"] == ["Another address became the primary one."]


def test_it_ends_after_a_day(site: Site, visitor: Visitor, alice: Person) -> None:
    by_primary_address(site, visitor, alice)
    site.clock.advance(hours=23, minutes=59)
    log_in(visitor, alice)
    visitor.get(ACT, status=403)

    site.clock.advance(minutes=1)

    visitor.get(ACT, status=200)


def test_a_second_cause_makes_it_longer(site: Site, visitor: Visitor, alice: Person) -> None:
    by_primary_address(site, visitor, alice)
    first = site.value("SELECT probation_until FROM users")
    site.clock.advance(hours=1)

    with_recovery_code(site, site.visitor(), alice)

    assert site.value("SELECT probation_until FROM users") > first


def test_a_key_of_long_standing_ends_it(site: Site, visitor: Visitor, alice: Person) -> None:
    site.clock.advance(hours=24 * 7)
    by_primary_address(site, visitor, alice)
    visitor.get(ACT, status=403)

    log_in(site.visitor(), alice)

    visitor.get(ACT, status=200)
    assert site.tags()[-2:] == ["account:probation:ended", "account:login:completed"]


def test_a_key_that_is_as_young_as_the_thief_does_not(
    site: Site, visitor: Visitor, alice: Person
) -> None:
    """Six days old when it began; that it grows older meanwhile does not help."""
    site.clock.advance(hours=24 * 7 - 1)
    by_primary_address(site, visitor, alice)
    site.clock.advance(hours=2)

    log_in(visitor, alice)

    visitor.get(ACT, status=403)


def test_an_app_does_not_end_it(site: Site, visitor: Visitor, alice: Person) -> None:
    site.clock.advance(hours=24 * 8)
    by_primary_address(site, visitor, alice)

    site.visitor().log_in(alice)

    visitor.get(ACT, status=403)


def test_a_session_with_less_than_the_strongest_factor_has_to_wait(
    site: Site, visitor: Visitor, alice: Person
) -> None:
    visitor.log_in(alice)

    page = visitor.get(ACT, status=403)

    assert "a weaker second factor" in page.text
    assert site.value("SELECT probation_until FROM users") is None


def test_codes_that_nobody_showed_have_to_be_shown(
    site: Site, visitor: Visitor, alice: Person
) -> None:
    log_in(visitor, alice)
    visitor.make_recovery_codes(alice, "regenerate")
    page = visitor.get(ACT, status=403)
    assert "recovery codes are kept" in page.text
    assert "Until that is settled" in page.text
    assert "A thief would" not in page.text

    visitor.prove_recovery_code(alice)

    visitor.get(ACT, status=200)


def test_while_publishing_is_held_it_has_to_wait(
    site: Site, visitor: Visitor, alice: Person
) -> None:
    say_not_me(site.visitor(), not_me_link(site, alice.address))
    log_in(visitor, alice)

    page = visitor.get(ACT, status=403)

    assert "said “This was not me”" in page.text


def test_who_may_not_see_the_page_is_not_told_of_probation(visitor: Visitor, alice: Person) -> None:
    assert "/account/login/" in visitor.get(ACT, status=303).location


def test_a_site_may_do_without(database_url: str) -> None:
    site = WeighingSite(database_url, origin_for(database_url), probation="0")
    alice, visitor = site.person("alice", key=True), site.visitor()
    log_in(visitor, alice)
    visitor.post_form(EMAILS, {"email": "alice@example.net"}, status=303)
    by_reset(site, visitor, alice)

    visitor.get(ACT, status=200)

    site.reset()
    site.close()
