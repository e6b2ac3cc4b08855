"""From the registration to the account at sites that ask for less, or more, than any second factor."""

from collections.abc import Iterator

import pytest

from tests.common.authenticator import SoftwareAuthenticator
from tests.common.jars import copy_cookies
from tests.common.people import PASSWORD, Person
from tests.common.registering import NEWTON, register
from tests.common.site import HTTPS, Site
from tests.common.visitor import KEY, PROVISION_KEY, PROVISION_TOTP, TWO_FACTOR, Visitor

LANDING = "/manage/account/"
FACTORS = "/manage/account/two-factor/"
LOG_IN = "/account/login/"
LOG_OUT = "/account/logout/"


@pytest.fixture
def optional(database_url: str) -> Iterator[Site]:
    site = Site(database_url, HTTPS, second_factor="optional")
    yield site
    site.reset()
    site.close()


@pytest.fixture
def strict(database_url: str) -> Iterator[Site]:
    site = Site(database_url, HTTPS, second_factor="webauthn")
    yield site
    site.reset()
    site.close()


def register_and_verify(site: Site) -> tuple[Visitor, Person]:
    """Return Newton's browser, on the page behind the verification, and Newton."""
    newton, visitor = Person("newton", clock=site.clock, password=PASSWORD), site.visitor()
    register(visitor)
    visitor.get(site.mails(NEWTON["email"])[0].link, status=303)
    visitor.form("/account/verify-email/", "verify-form").submit("decision", status=303)
    return visitor, newton


def words(visitor: Visitor, path: str) -> str:
    return " ".join(visitor.get(path, status=200).html.select_one("main").text.split())


# Optional


def test_where_it_is_optional_the_account_is_ready_without_a_factor_and_asks_for_one(
    optional: Site,
) -> None:
    stranger = optional.visitor()
    before = [words(stranger, path) for path in ("/", "/account/register/", LOG_IN)]
    visitor, newton = register_and_verify(optional)

    offered = visitor.get(FACTORS, status=200)
    landing = offered.click("Go on without a second factor")
    visitor.form(LOG_OUT, "logout-form").submit(status=303)
    answer = visitor.give_password(newton)

    assert "A second factor, such as an app on your phone, makes it safe." in before[1]
    assert "if you have one" in before[2]
    assert "to finish setting up" not in offered.text
    assert landing.html.select_one("h2").text == "Next: set up a second factor"
    assert answer.location.endswith(LANDING)
    assert "Next: set up a second factor" in words(visitor, LANDING)
    for page in ("emails/", "password/", "sessions/", "history/", "notices/", "profile/"):
        visitor.get(f"{LANDING}{page}", status=200)


def test_where_it_is_optional_a_factor_comes_and_goes(optional: Site) -> None:
    visitor, newton = register_and_verify(optional)

    visitor.enroll_totp(newton)
    link = visitor.get(FACTORS, status=200).html.select_one(".factor-totp a[href$='/delete']")
    visitor.form(link["href"], "factor-remove-form").submit(status=303)

    assert optional.rows("SELECT id FROM totp_applications") == []
    assert "Next: set up a second factor" in words(visitor, LANDING)


# Keys only


def test_where_keys_are_asked_for_the_way_leads_to_a_key_and_names_no_app(strict: Site) -> None:
    visitor, newton = register_and_verify(strict)
    home, factors = words(strict.visitor(), "/"), words(visitor, FACTORS)
    visitor.get(PROVISION_TOTP, status=404)

    visitor.register_passkey(newton, "")

    assert "Authenticator app" not in home + factors
    assert "Authenticator app" not in words(visitor, FACTORS)
    visitor.get(LANDING, status=200)
    visitor.form(LOG_OUT, "logout-form").submit(status=303)
    visitor.give_passkey(newton)
    visitor.get(LANDING, status=200)


def test_whoever_has_an_app_only_is_led_to_a_key_and_gets_rid_of_the_app(
    strict: Site, database_url: str
) -> None:
    lenient = Site(database_url, HTTPS)
    alice = lenient.person("alice", totp=True)
    lenient.close()
    strict.clock.advance(minutes=10)
    alice.clock, alice.key = strict.clock, SoftwareAuthenticator()
    visitor = strict.visitor()

    visitor.log_in(alice)
    led = visitor.get(LANDING, status=303).follow(status=200)

    told = " ".join(led.html.select_one("main").text.split())
    assert led.request.path == FACTORS
    assert "Your code is right, and not enough here" in told
    assert "add a security key or a passkey, and you can go on" in told
    assert "It does not count here any more" in led.html.select_one(".factor-totp").text
    visitor.register_key(alice)
    visitor.get(LANDING, status=200)
    link = visitor.get(FACTORS, status=200).html.select_one(".factor-totp a[href$='/delete']")
    visitor.form(link["href"], "factor-remove-form").submit(status=303)
    assert "Authenticator app" not in words(visitor, FACTORS)


def test_who_has_a_key_is_not_let_in_with_a_code_of_an_old_app(
    strict: Site, database_url: str
) -> None:
    """Or whoever tricked a code out of somebody could add a key to that account."""
    lenient = Site(database_url, HTTPS)
    alice = lenient.person("alice", totp=True, key=True)
    before = lenient.visitor()
    before.log_in(alice)
    lenient.close()
    visitor = strict.visitor()
    strict.clock.advance(minutes=2)
    alice.clock = strict.clock

    answer = visitor.give_password(alice)
    step = visitor.get(f"{KEY}/", status=200)
    refused = visitor.post_form(TWO_FACTOR, {"totp_value": alice.code()}, status=422)
    stale = copy_cookies(before, strict.visitor())

    assert answer.location.endswith(f"{KEY}/")
    assert not step.html.select(f"a[href='{TWO_FACTOR}']")
    assert visitor.cookie("session") is None
    assert "not set up for this" in refused.text
    for path in (LANDING, PROVISION_KEY):
        assert "/account/reauthenticate/" in stale.get(path, status=303).location
    visitor.give_key(alice)
    visitor.get(LANDING, status=200)
