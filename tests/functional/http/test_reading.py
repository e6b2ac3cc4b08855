"""GET and HEAD change nothing, cost little, and leave no session behind."""

from collections.abc import Callable

import pytest
from sqlalchemy.exc import DBAPIError

from tests.common.authenticator import SoftwareAuthenticator
from tests.common.overhearing import overhear
from tests.common.people import Person
from tests.common.registering import register
from tests.common.routes import Door, doors
from tests.common.site import Site
from tests.common.standings import STANDINGS
from tests.common.submissions import LOG_IN
from tests.common.tables import dump
from tests.common.visitor import KEY, PROVISION_KEY, PROVISION_TOTP, TWO_FACTOR, Visitor
from tests.common.watching import statements

LAST_SEEN = "sessions.last_seen_at"


@pytest.mark.parametrize("standing", STANDINGS)
def test_no_get_and_no_head_changes_anything(site: Site, standing: str) -> None:
    visitor = STANDINGS[standing](site)
    before = dump(site)

    for door in doors(method="GET"):
        visitor.get(door.path, status="*")
        visitor.head(door.path, status="*")
        assert dump(site) == before, door


@pytest.mark.parametrize("standing", STANDINGS)
def test_a_page_asked_much_later_changes_nothing_but_the_last_use(
    site: Site, standing: str
) -> None:
    visitor = STANDINGS[standing](site)
    before = dump(site, without=[LAST_SEEN])
    site.clock.advance(minutes=2)

    for door in doors(method="GET"):
        visitor.get(door.path, status="*")

    assert dump(site, without=[LAST_SEEN]) == before


@pytest.mark.attack("P-096")
def test_a_mailed_link_that_a_scanner_follows_changes_nothing(site: Site, visitor: Visitor) -> None:
    register(visitor)
    (mail,) = site.mails()
    before = dump(site)

    for scanner in (site.visitor(), visitor):
        scanner.head(mail.link, status=303)
        scanner.get(mail.link, status=303).follow(status=200)

    assert dump(site) == before


def test_the_database_itself_refuses_a_write_in_a_get(site: Site) -> None:
    """Each kind of database says so in its own words; the page is an error, not a change."""
    engine = site.registry["reading_engine"]

    with pytest.raises(DBAPIError, match=r"read-?only"), engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM users")


# Nothing for strangers


@pytest.mark.parametrize("door", doors(method="GET"), ids=str)
def test_no_page_gives_a_stranger_a_session(visitor: Visitor, door: Door) -> None:
    answers = overhear(visitor)

    visitor.get(door.path, status="*")

    names = {cookie.key.removeprefix("__Host-") for answer in answers for cookie in answer.cookies}
    assert names <= {"csrf", "flash", "mailed"}


@pytest.mark.parametrize(
    "path",
    ["/nowhere", "/.well-known/security.txt", "/_health/live", "/.well-known/passkey-endpoints"],
)
def test_a_page_without_a_form_sets_no_cookie_at_all(visitor: Visitor, path: str) -> None:
    answer = visitor.get(path, status="*")

    assert answer.headers.getall("Set-Cookie") == []


def test_no_request_of_a_stranger_makes_a_row(site: Site, visitor: Visitor) -> None:
    before = dump(site)

    for path in (LOG_IN, "/account/register/", "/account/verify-email/?token=x", TWO_FACTOR):
        visitor.get(path, status="*").maybe_follow(status="*")
    visitor.post(LOG_IN, {}, status=400)
    visitor.post("/account/register/", {"username": "x"}, status=400)

    assert dump(site) == before


# Statements


def queries(site: Site, ask: Callable[[], object]) -> list[str]:
    """Return the SELECTs and the like that `ask` costs, without what only begins and ends."""
    with statements(site) as sent:
        ask()
    return [one for one in sent if one.split()[0].upper() not in ("BEGIN", "PRAGMA", "COMMIT")]


@pytest.mark.parametrize(
    "path",
    [
        "/",
        LOG_IN,
        "/account/register/",
        "/account/logout/",
        "/account/verify-email/",
        "/nowhere",
        "/manage/account/",
        TWO_FACTOR,
        f"{KEY}/options",
        "/.well-known/security.txt",
        "/_health/live",
        "/static/css/tokens.css",
    ],
)
def test_a_page_for_strangers_asks_the_database_nothing(
    site: Site, visitor: Visitor, path: str
) -> None:
    sent = queries(site, lambda: visitor.get(path, status="*"))

    assert sent == []


def test_a_refused_request_of_a_stranger_asks_the_database_nothing(
    site: Site, visitor: Visitor
) -> None:
    sent = queries(site, lambda: visitor.post(LOG_IN, {"username": "a"}, status=400))

    assert sent == []


@pytest.fixture
def collector(site: Site, user_with_totp: Person) -> Visitor:
    """Alice with 20 security keys, logged in."""
    visitor = site.visitor()
    visitor.log_in(user_with_totp)
    for number in range(20):
        user_with_totp.key = SoftwareAuthenticator()
        visitor.register_key(user_with_totp, f"Key {number}")
    return visitor


def test_a_page_costs_three_statements_however_many_keys_there_are(
    site: Site, collector: Visitor
) -> None:
    pages = ["/", "/manage/account/", "/manage/account/two-factor/", PROVISION_KEY, PROVISION_TOTP]
    pages += ["/manage/account/history/"]
    pages += [f"{PROVISION_KEY}/options", "/account/logout/", "/nowhere"]

    costs = {
        path: len(queries(site, lambda path=path: collector.get(path, status="*")))
        for path in pages
    }

    assert site.value("SELECT count(*) FROM webauthn_credentials") == 20
    assert costs.pop("/manage/account/") <= 4
    assert max(costs.values()) <= 3, costs
    assert costs["/"] == 1


def test_a_login_step_costs_three_statements_however_many_keys_there_are(
    site: Site, collector: Visitor, user_with_totp: Person
) -> None:
    visitor = site.visitor()
    visitor.give_password(user_with_totp)
    pages = [f"{KEY}/", f"{KEY}/options", TWO_FACTOR]

    costs = {
        path: len(queries(site, lambda path=path: visitor.get(path, status=200))) for path in pages
    }

    assert max(costs.values()) <= 3, costs
