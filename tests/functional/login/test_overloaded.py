"""More passwords than can be hashed: who is sent away made no attempt."""

from collections.abc import Callable, Iterator

import pytest
from pyramid.config import Configurator
from zope.interface import implementer

from tests.common.clock import FrozenClock
from tests.common.people import Person
from tests.common.registering import register
from tests.common.resetting import NEW, ask_for_reset, choose, open_link
from tests.common.site import Site, origin_for
from tests.common.visitor import Visitor
from warehouse_mfa.crypto import (
    HasherOverloaded,
    IPasswordHasher,
    PasswordHasher,
    PasswordMatch,
)
from warehouse_mfa.crypto.passwords import HashParameters

PASSWORD = "/manage/account/password/"
ONE_ATTEMPT = {
    f"limit_{name}": "1 per day"
    for name in ("login_user", "login_address", "login_device", "reset_link", "register_address")
}


@implementer(IPasswordHasher)
class CrowdedHasher:
    """A hasher for which too many wait, when a test says so."""

    def __init__(self) -> None:
        self.is_crowded = False
        self._hasher = PasswordHasher(HashParameters(8, 1, 1), FrozenClock())

    def hash(self, password: str) -> str:
        self._refuse()
        return self._hasher.hash(password)

    def verify(self, password: str, stored: str | None) -> PasswordMatch:
        self._refuse()
        return self._hasher.verify(password, stored)

    def _refuse(self) -> None:
        if self.is_crowded:
            raise HasherOverloaded


@pytest.fixture(scope="module")
def hasher() -> CrowdedHasher:
    return CrowdedHasher()


@pytest.fixture(scope="module")
def configured_crowded(database_url: str, hasher: CrowdedHasher) -> Iterator[Site]:
    class CrowdedSite(Site):
        def _extend(self, config: Configurator) -> None:
            super()._extend(config)
            config.register_service(hasher, IPasswordHasher)

    site = CrowdedSite(database_url, origin_for(database_url), **ONE_ATTEMPT)
    yield site
    site.close()


@pytest.fixture
def crowded(configured_crowded: Site) -> Iterator[Site]:
    """A site with that hasher, where nobody may fail twice."""
    yield configured_crowded
    configured_crowded.reset()


@pytest.fixture
def alice(crowded: Site) -> Person:
    return crowded.person("alice", totp=True)


@pytest.fixture
def browser(crowded: Site) -> Visitor:
    return crowded.visitor()


def be_sent_away(hasher: CrowdedHasher, send: Callable[[int], object]) -> None:
    """Send something more often than anybody may fail, while too many wait."""
    hasher.is_crowded = True
    try:
        for _ in range(2):
            send(503)
    finally:
        hasher.is_crowded = False


@pytest.mark.attack("P-110", "P-112")
@pytest.mark.parametrize("device", ["known", "unknown"])
def test_a_login_that_was_sent_away_counts_as_no_failure(
    crowded: Site, hasher: CrowdedHasher, alice: Person, browser: Visitor, device: str
) -> None:
    if device == "known":
        browser.log_in(alice)
        browser.form("/account/logout/", "logout-form").submit(status=303)

    be_sent_away(hasher, lambda status: browser.give_password(alice, status=status))

    browser.give_password(alice, status=303)
    assert "account:password:limited" not in crowded.tags()


def test_a_change_of_the_password_that_was_sent_away_counts_as_no_failure(
    hasher: CrowdedHasher, alice: Person, browser: Visitor
) -> None:
    browser.log_in(alice)
    fields = {"password": alice.password, "new_password": NEW, "password_confirm": NEW}

    be_sent_away(hasher, lambda status: browser.post_form(PASSWORD, fields, status=status))

    browser.post_form(PASSWORD, fields, status=303)


def test_a_reset_that_was_sent_away_uses_up_neither_link_nor_code(
    crowded: Site, hasher: CrowdedHasher, alice: Person, browser: Visitor
) -> None:
    open_link(browser, ask_for_reset(crowded, alice))
    code = alice.code()

    be_sent_away(hasher, lambda status: choose(browser, answer=code, status=status))

    choose(browser, answer=code)


def test_a_registration_that_was_sent_away_is_none(hasher: CrowdedHasher, browser: Visitor) -> None:
    be_sent_away(hasher, lambda status: register(browser, status=status))

    register(browser)
