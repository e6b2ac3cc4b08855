"""What a login costs, in numbers that are the same on every machine. dev/performance.md."""

import pytest

from tests.common.people import Person
from tests.common.site import Site
from tests.common.visitor import Visitor
from tests.common.watching import python_calls, statements

ACCOUNT = "/manage/account/"
LOG_IN = "/account/login/"
LOG_OUT = "/account/logout/"
NO_STATEMENTS = ("BEGIN", "SAVEPOINT", "RELEASE")
WARM_UP = 6  # psycopg prepares a statement at its sixth use


@pytest.fixture
def people(site: Site) -> dict[str, Person]:
    return {"totp": site.person("alice", totp=True), "webauthn": site.person("bob", key=True)}


def log_in(site: Site, visitor: Visitor, person: Person) -> None:
    """Do what a browser does: five requests."""
    site.clock.advance(minutes=6)  # a new code, and counters that start again
    visitor.log_in(person)
    visitor.get(ACCOUNT, status=200)


def log_in_anew(site: Site, visitor: Visitor, person: Person) -> None:
    """Do what a browser does that was never seen before."""
    visitor.reset()
    log_in(site, visitor, person)


def most(site: Site, numbers: dict[str, int]) -> int:
    """Return the number for the site's kind of database: PostgreSQL is sent changes together."""
    return numbers[site.registry["engine"].name]


@pytest.mark.parametrize(
    ("factor", "numbers"),
    [
        ("totp", {"sqlite": 28, "postgresql": 15}),
        ("webauthn", {"sqlite": 28, "postgresql": 16}),
    ],
)
def test_a_login_costs_few_statements(
    site: Site, visitor: Visitor, people: dict[str, Person], factor: str, numbers: dict[str, int]
) -> None:
    log_in_anew(site, visitor, people[factor])

    with statements(site) as sent:
        log_in_anew(site, visitor, people[factor])

    sent = [one for one in sent if not one.startswith(NO_STATEMENTS)]
    assert len(sent) <= most(site, numbers), sent


@pytest.mark.parametrize(
    ("factor", "numbers"),
    [
        ("totp", {"sqlite": 23, "postgresql": 14}),
        ("webauthn", {"sqlite": 23, "postgresql": 15}),
    ],
)
def test_a_login_of_a_known_browser_costs_fewer(
    site: Site, visitor: Visitor, people: dict[str, Person], factor: str, numbers: dict[str, int]
) -> None:
    log_in(site, visitor, people[factor])
    visitor.form(LOG_OUT, "logout-form").submit(status=303)

    with statements(site) as sent:
        log_in(site, visitor, people[factor])

    sent = [one for one in sent if not one.startswith(NO_STATEMENTS)]
    assert len(sent) <= most(site, numbers), sent


@pytest.mark.parametrize(
    ("factor", "numbers"),
    [
        ("totp", {"sqlite": 3, "postgresql": 2}),
        ("webauthn", {"sqlite": 4, "postgresql": 3}),
    ],
)
def test_a_login_costs_few_transactions(
    site: Site, visitor: Visitor, people: dict[str, Person], factor: str, numbers: dict[str, int]
) -> None:
    for _ in range(2):  # the first time SQLAlchemy runs a statement
        log_in_anew(site, visitor, people[factor])

    with statements(site) as sent:
        log_in_anew(site, visitor, people[factor])

    begun = [one for one in sent if one.startswith("BEGIN")]
    assert len(begun) == most(site, numbers), sent


@pytest.mark.parametrize(("factor", "most"), [("totp", 6_400), ("webauthn", 6_600)])
def test_a_login_costs_few_calls(
    site: Site, visitor: Visitor, people: dict[str, Person], factor: str, most: int
) -> None:
    for _ in range(WARM_UP):
        log_in_anew(site, visitor, people[factor])

    with python_calls(visitor) as counted:
        log_in_anew(site, visitor, people[factor])

    assert sum(counted.values()) <= most, counted


def test_the_login_page_costs_few_calls(visitor: Visitor) -> None:
    for _ in range(2):  # the first time it is compiled
        visitor.reset()
        visitor.get(LOG_IN, status=200)

    visitor.reset()
    with python_calls(visitor) as counted:
        visitor.get(LOG_IN, status=200)

    assert sum(counted.values()) <= 660, counted
