"""A site that takes phishing-resistant factors only: `SECOND_FACTOR=webauthn`."""

from collections.abc import Iterator

import pytest

from tests.common.enrolling import begin, code_of
from tests.common.jars import copy_cookies
from tests.common.people import Person
from tests.common.site import HTTPS, Site
from tests.common.visitor import PROVISION_TOTP, Visitor

MANAGE = "/manage/account/two-factor/"


@pytest.fixture(scope="session")
def configured_strict_site(database_url: str) -> Iterator[Site]:
    site = Site(database_url, HTTPS, second_factor="webauthn")
    yield site
    site.close()


@pytest.fixture
def strict_site(configured_strict_site: Site) -> Iterator[Site]:
    yield configured_strict_site
    configured_strict_site.reset()


@pytest.fixture
def dave(strict_site: Site) -> Person:
    return strict_site.person("dave")


@pytest.fixture
def newcomer(strict_site: Site, dave: Person) -> Visitor:
    visitor = strict_site.visitor()
    visitor.give_password(dave)
    return visitor


@pytest.fixture
def alice(strict_site: Site, database_url: str) -> Person:
    """Somebody who set up an authenticator app before the site became strict."""
    lenient = Site(database_url, HTTPS)
    person = lenient.person("alice", totp=True)
    lenient.close()
    strict_site.clock.advance(minutes=10)
    person.clock = strict_site.clock
    return person


def test_only_keys_are_offered(newcomer: Visitor) -> None:
    page = newcomer.get(MANAGE, status=200)

    assert page.html.select(".factor-webauthn a.button")
    assert not page.html.select(".factor-totp a.button")


def test_a_key_opens_the_account(newcomer: Visitor, dave: Person) -> None:
    newcomer.register_key(dave)

    newcomer.get("/manage/account/", status=200)


def test_nobody_enrolls_an_app(strict_site: Site, newcomer: Visitor) -> None:
    newcomer.get(PROVISION_TOTP, status=404)
    newcomer.get(f"{PROVISION_TOTP}/image", status=404)
    newcomer.post_form(PROVISION_TOTP, {"start_again": "1"}, status=404)

    assert newcomer.cookie("enroll") is None
    assert strict_site.value("SELECT count(*) FROM totp_applications") == 0


def test_an_enrollment_begun_before_the_site_became_strict_is_not_completed(
    strict_site: Site, database_url: str, dave: Person
) -> None:
    lenient = Site(database_url, HTTPS)
    before = lenient.visitor()
    before.give_password(dave)
    code = code_of(begin(before), strict_site.clock)
    lenient.close()
    newcomer = copy_cookies(before, strict_site.visitor())

    newcomer.post_form(PROVISION_TOTP, {"label": "Phone", "totp_value": code}, status=404)

    assert strict_site.value("SELECT count(*) FROM totp_applications") == 0


def test_an_app_from_before_is_asked_for_still(strict_site: Site, alice: Person) -> None:
    visitor = strict_site.visitor()

    visitor.give_password(alice)

    assert visitor.cookie("session") is None
    visitor.get(MANAGE, status=303)


def test_an_app_from_before_opens_nothing_but_the_set_up_of_a_key(
    strict_site: Site, alice: Person
) -> None:
    visitor = strict_site.visitor()
    visitor.log_in(alice)

    assert visitor.get("/manage/account/", status=303).location.startswith(
        f"{strict_site.origin}{MANAGE}"
    )
    visitor.register_key(alice)

    visitor.get("/manage/account/", status=200)
