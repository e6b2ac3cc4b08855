"""Passwords that were stolen elsewhere: refused when they are chosen, found when they are used."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.common.people import PASSWORD, Person
from tests.common.registering import register
from tests.common.resetting import ask_for_reset, choose, open_link
from tests.common.site import Site, origin_for
from tests.common.visitor import Visitor
from warehouse_mfa.breaches.digests import digest_of

STOLEN = "tundra kelp 7 marmots"
FRESH = "quartz umbrella 3 lanterns"
LANDING = "/manage/account/"
SENTENCE = "This password was stolen from another site"
MARKED = "SELECT password_breached_at IS NOT NULL FROM users WHERE username = 'alice'"
TAG = "account:password:breached"
SUBJECT = "Your password was stolen from another site"


@pytest.fixture
def stolen(tmp_path: Path) -> Path:
    """The file of stolen passwords; a test may add to it."""
    path = tmp_path / "stolen"
    path.write_text(f"{digest_of(STOLEN)}:3\n")
    return path


@pytest.fixture
def site(database_url: str, stolen: Path) -> Iterator[Site]:
    site = Site(database_url, origin_for(database_url), breach_file=str(stolen))
    yield site
    site.reset()
    site.close()


@pytest.fixture
def alice(site: Site) -> Person:
    return site.person("alice", totp=True)


def steal_the_password_of_today(stolen: Path) -> None:
    stolen.write_text(f"{digest_of(PASSWORD)}:1\n")


def change(visitor: Visitor, new: str, status: int = 303) -> str:
    form = visitor.form("/manage/account/password/", "change-password-form")
    form["password"], form["new_password"], form["password_confirm"] = PASSWORD, new, new
    return form.submit(status=status).text


def test_nobody_registers_with_it(site: Site) -> None:
    page = register(site.visitor(), new_password=STOLEN, status=422)

    assert SENTENCE in page
    assert site.value("SELECT count(*) FROM users") == 0


def test_nobody_changes_to_it(site: Site, alice: Person) -> None:
    visitor = site.visitor()
    visitor.log_in(alice)

    assert SENTENCE in change(visitor, STOLEN, status=422)
    assert "account:password:changed" not in site.tags()


def test_a_refused_password_costs_no_attempt(site: Site, alice: Person) -> None:
    visitor = site.visitor()
    visitor.log_in(alice)

    for _ in range(12):
        change(visitor, STOLEN, status=422)

    change(visitor, FRESH)


def test_nobody_resets_to_it_and_the_link_still_works(site: Site, alice: Person) -> None:
    visitor = site.visitor()
    open_link(visitor, ask_for_reset(site, alice))

    assert SENTENCE in choose(visitor, STOLEN, alice.code(), status=422)

    choose(visitor, FRESH, alice.code())


def test_a_login_with_it_is_told_once(site: Site, alice: Person, stolen: Path) -> None:
    steal_the_password_of_today(stolen)

    for _ in range(2):
        site.visitor().log_in(alice)
        site.clock.advance(minutes=1)

    assert site.value(MARKED)
    assert site.tags().count(TAG) == 1
    assert [mail.subject for mail in site.mails(to=alice.address)].count(SUBJECT) == 1


def test_the_overview_asks_for_another_until_there_is_one(
    site: Site, alice: Person, stolen: Path
) -> None:
    steal_the_password_of_today(stolen)
    visitor = site.visitor()
    visitor.log_in(alice)

    assert "Next: another password" in visitor.get(LANDING)

    change(visitor, FRESH)
    assert "Next: another password" not in visitor.get(LANDING)
    assert not site.value(MARKED)


def test_it_opens_no_account_that_has_nothing_behind_it(site: Site, stolen: Path) -> None:
    dave = site.person("dave")
    steal_the_password_of_today(stolen)
    visitor = site.visitor()

    page = visitor.give_password(dave, status=422)

    assert "does not open your account any more" in page
    assert visitor.cookie("session") is None
    open_link(visitor, ask_for_reset(site, dave))
    choose(visitor, FRESH)


def test_a_wrong_password_is_not_looked_up(site: Site, alice: Person) -> None:
    visitor = site.visitor()
    wrong = Person("alice", site.clock, password=STOLEN)

    visitor.give_password(wrong, status=422)

    assert TAG not in site.tags()
