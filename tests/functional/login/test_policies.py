"""Sites that ask for more, or for less, than a second factor of any kind."""

from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest

from tests.common.answers import refusals
from tests.common.people import PASSWORD, Person
from tests.common.registering import register
from tests.common.site import HTTPS, Site
from tests.common.visitor import PROVISION_KEY, TWO_FACTOR

LANDING = "/manage/account/"
FACTORS = "/manage/account/two-factor/"
FOURTEEN = "kelp7 quartz!x"


@pytest.fixture
def make_site(database_url: str) -> Iterator[Callable[[str], Site]]:
    """Return a function that makes a site with a policy."""
    made = []

    def make(policy: str) -> Site:
        made.append(Site(database_url, HTTPS, second_factor=policy))
        return made[-1]

    yield make
    for site in made:
        site.reset()
        site.close()


@pytest.fixture
def optional(make_site: Callable[[str], Site]) -> Site:
    """A site where a second factor is up to each person."""
    return make_site("optional")


@pytest.fixture
def strict(make_site: Callable[[str], Site]) -> Site:
    """A site that takes nothing that can be phished."""
    return make_site("webauthn")


# Optional


def test_where_a_factor_is_optional_the_password_alone_opens_the_account(optional: Site) -> None:
    visitor = optional.visitor()

    answer = visitor.give_password(optional.person("dave"))

    assert urlsplit(answer.location).path == LANDING
    visitor.get(LANDING, status=200)


def test_where_a_factor_is_optional_a_login_with_a_stolen_password_is_told(optional: Site) -> None:
    dave = optional.person("dave")
    thief = optional.visitor("203.0.113.66", agent="Firefox/1 Linux")

    thief.give_password(dave)

    (mail,) = optional.mails(to=dave.address)
    assert mail.subject == "A login to your account from a new browser"
    for body in (mail.text, mail.html):
        assert "somebody has your password, and is logged in" in body
        assert "Firefox on Linux" in body
        assert "203.0.113.66" in body
        assert "Second factor" not in body
    assert "/account/not-me/" in mail.text
    assert optional.tags()[-1] == "account:login:password"


@pytest.mark.attack("P-006")
def test_where_a_factor_is_optional_strangers_lock_nobody_out_of_a_known_browser(
    optional: Site,
) -> None:
    dave, browser = optional.person("dave"), optional.visitor()
    browser.give_password(dave)
    browser.form("/account/logout/", "logout-form").submit(status=303)
    mails = len(optional.mails())
    for n in range(11):
        stranger = optional.visitor(f"198.51.100.{n}")
        stranger.give_password(dave, status="*", password="a guess")  # type: ignore[arg-type]

    answer = browser.give_password(dave)

    assert urlsplit(answer.location).path == LANDING
    subjects = [mail.subject for mail in optional.mails()[mails:]]
    assert "A login to your account from a new browser" not in subjects


def test_where_a_factor_is_optional_the_account_says_that_one_is_missing(optional: Site) -> None:
    visitor = optional.visitor()
    visitor.give_password(optional.person("dave"))

    page = visitor.get(LANDING, status=200)

    assert page.html.select_one("h2").text == "Next: set up a second factor"


def test_where_a_factor_is_optional_whoever_has_one_is_asked_for_it(optional: Site) -> None:
    visitor = optional.visitor()

    answer = visitor.give_password(optional.person("alice", totp=True))

    assert urlsplit(answer.location).path == TWO_FACTOR
    visitor.get(LANDING, status=303)


def test_where_a_factor_is_optional_the_address_must_be_verified_all_the_same(
    optional: Site,
) -> None:
    visitor = optional.visitor()
    visitor.give_password(optional.person("erin", verified=False))

    answer = visitor.get(LANDING, status=303)

    assert urlsplit(answer.location).path == "/manage/unverified-account/"


def test_where_a_factor_is_optional_a_password_has_fifteen_characters(optional: Site) -> None:
    refused = register(optional.visitor(), new_password=FOURTEEN, status=422)
    register(optional.visitor(), new_password=FOURTEEN + "y")

    assert refusals(refused) == ["Use at least 15 characters."]
    assert optional.value("SELECT count(*) FROM users") == 1


def test_where_a_factor_is_required_fourteen_characters_are_enough(
    make_site: Callable[[str], Site],
) -> None:
    site = make_site("required")

    register(site.visitor(), new_password=FOURTEEN)

    assert site.value("SELECT count(*) FROM users") == 1


# Keys only


def enrolled_elsewhere(make_site: Callable[[str], Site]) -> Person:
    """Return Alice, who set up an app before the site became strict."""
    person: Person = make_site("required").person("alice", totp=True)
    return person


def test_where_keys_are_asked_for_a_person_with_an_app_still_needs_a_code(
    make_site: Callable[[str], Site], strict: Site
) -> None:
    alice = enrolled_elsewhere(make_site)
    visitor = strict.visitor()

    visitor.give_password(alice)

    assert visitor.cookie("session") is None


def test_where_keys_are_asked_for_an_app_opens_no_more_than_the_way_to_a_key(
    make_site: Callable[[str], Site], strict: Site
) -> None:
    alice = enrolled_elsewhere(make_site)
    strict.clock.advance(seconds=90)
    visitor = strict.visitor()
    visitor.give_password(alice)
    code = pyotp_code(strict, alice)
    visitor.give_code(code)

    answer = visitor.get(LANDING, status=303)
    visitor.get(PROVISION_KEY, status=200)

    assert urlsplit(answer.location).path == FACTORS


def pyotp_code(site: Site, person: Person) -> str:
    """Return the code of a person's app by the clock of a site."""
    person.clock = site.clock
    return person.code()


def test_where_keys_are_asked_for_a_key_opens_the_account(strict: Site) -> None:
    bob = strict.person("bob", key=True)
    visitor = strict.visitor()

    visitor.log_in(bob)

    visitor.get(LANDING, status=200)


def test_where_keys_are_asked_for_somebody_with_nothing_may_register_one(strict: Site) -> None:
    dave = strict.person("dave")
    visitor = strict.visitor()
    visitor.give_password(dave)

    visitor.register_key(dave)

    visitor.get(LANDING, status=200)
    assert PASSWORD not in visitor.get(FACTORS, status=200)
