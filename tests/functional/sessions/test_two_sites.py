"""Two sites on one machine: one code, one copied key ring, two databases."""

from base64 import urlsafe_b64decode
from collections.abc import Callable, Iterator
from copy import copy

import pytest

from tests.common.databases import Databases
from tests.common.enrolling import begin
from tests.common.jars import drop_cookie
from tests.common.people import PASSWORD
from tests.common.resetting import ask_for_reset, open_link
from tests.common.secrecy import short_name
from tests.common.site import HTTP, HTTPS, Site
from tests.common.visitor import TWO_FACTOR, Visitor
from warehouse_mfa.crypto import CannotOpen

ACCOUNT = "/manage/account/"
LOG_IN = "/account/login/"
ELSEWHERE = {HTTP: "http://localhost:8001", HTTPS: "https://pypi.example:8443"}
"""The same host, so that a browser gives each the cookies of the other."""


@pytest.fixture(scope="module")
def other_database(databases: Databases) -> Iterator[str]:
    with databases.copy("sqlite") as url:
        yield url


@pytest.fixture
def other(site: Site, other_database: str) -> Iterator[Site]:
    """The other site: on another port of the same host, with the same keys."""
    other = Site(other_database, ELSEWHERE[site.origin])
    yield other
    other.reset()
    other.close()


def share(source: Visitor, target: Visitor) -> Visitor:
    """Give a browser at one site all cookies of the same browser at the other, as hosts share them."""
    for cookie in list(source.cookiejar):
        target.cookiejar.set_cookie(cookie)
    return target


def pass_off(source: Visitor, target: Visitor, format: str) -> Visitor:
    """Give a browser cookies of the other site under the names that this one looks for."""
    for cookie in map(copy, source.cookiejar):
        cookie.name = format % short_name(cookie.name)
        target.cookiejar.set_cookie(cookie)
    return target


def test_somebody_is_logged_in_to_both_at_once(site: Site, other: Site) -> None:
    here, there = site.visitor(), other.visitor()
    here.log_in(site.person("alice", totp=True))

    share(here, there).log_in(other.person("bob", totp=True))
    share(there, here)

    assert "alice" in here.get(ACCOUNT, status=200).text
    assert "bob" in there.get(ACCOUNT, status=200).text
    here.form("/account/logout/", "logout-form").submit(status=303)
    assert "bob" in share(here, there).get(ACCOUNT, status=200).text


def session(site: Site, browser: Visitor) -> None:
    browser.log_in(site.person("alice", totp=True))


def pending_login(site: Site, browser: Visitor) -> None:
    browser.give_password(site.person("alice", totp=True))


def is_logged_in(visitor: Visitor) -> bool:
    return visitor.get(ACCOUNT, status="*").status_int == 200


def is_half_way(visitor: Visitor) -> bool:
    return visitor.get(TWO_FACTOR, status="*").status_int == 200


@pytest.mark.parametrize(
    ("begin_at", "works"),
    [(session, is_logged_in), (pending_login, is_half_way)],
    ids=["session", "login"],
)
def test_a_secret_of_one_is_nothing_at_the_other(
    site: Site,
    other: Site,
    begin_at: Callable[[Site, Visitor], None],
    works: Callable[[Visitor], bool],
) -> None:
    here = site.visitor()
    begin_at(site, here)
    other.person("alice", totp=True)

    there = pass_off(here, other.visitor(), other.settings.cookie_names)

    assert not works(there)


@pytest.mark.attack("P-026")
def test_a_browser_is_remembered_by_one_and_owes_the_other_its_factor(
    site: Site, other: Site
) -> None:
    here, there = site.visitor(), other.visitor()
    alice_here, alice = site.person("alice", totp=True), other.person("alice", totp=True)
    here.give_password(alice_here)
    form = here.form(TWO_FACTOR, "totp-auth-form")
    form["totp_value"], form["remember_device"] = alice_here.code(), True
    form.submit(status=303)
    names = {short_name(cookie.name) for cookie in here.cookiejar}

    pass_off(here, there, other.settings.cookie_names)
    drop_cookie(there, "session")
    answer = there.give_password(alice)

    assert {"device", "remember"} <= names
    assert answer.location.endswith(TWO_FACTOR)


@pytest.mark.attack("P-011")
def test_a_token_of_a_form_is_for_its_site(site: Site, other: Site) -> None:
    here = site.visitor()
    token = here.csrf_token()
    there = pass_off(here, other.visitor(), other.settings.cookie_names)

    fields = {"username": "alice", "password": PASSWORD, "csrf_token": token}

    assert there.cookie("csrf") is not None
    there.post(LOG_IN, fields, status=400)
    here.post(LOG_IN, fields, status=422)


def test_a_mailed_link_is_for_its_site(site: Site, other: Site) -> None:
    alice = site.person("alice", totp=True)
    other.person("alice", totp=True)
    link = ask_for_reset(site, alice)

    open_link(other.visitor(), link, status=410)
    page = open_link(site.visitor(), link)

    assert "totp-auth-form" in page.forms
    text = site.mails(alice.address)[-1].text
    assert text.count("://") == text.count(f"{site.origin}/")


def test_what_one_seals_does_not_open_at_the_other(site: Site, other: Site) -> None:
    here = site.visitor()
    dave = site.person("dave")
    here.give_password(dave)
    begin(here)
    here.get(ask_for_reset(site, dave), status=303)
    here.form("/account/logout/", "logout-form").submit(status=303)
    sealed = {
        name: urlsafe_b64decode(cookie.value + "==")
        for cookie in here.cookiejar
        if (name := short_name(cookie.name)) in ("enroll", "mailed", "flash")
    }

    refused = set()
    for name, value in sealed.items():
        purpose, bound_to = f"cookie:{name}", name.encode()
        site.settings.key_ring.open(purpose, value, bound_to=bound_to)
        with pytest.raises(CannotOpen):
            other.settings.key_ring.open(purpose, value, bound_to=bound_to)
        refused.add(name)

    assert refused == {"enroll", "mailed", "flash"}
