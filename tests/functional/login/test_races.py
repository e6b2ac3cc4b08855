"""One pending login, completed many times at once."""

import json
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from tests.common.jars import at_once, copy_cookies
from tests.common.people import Person
from tests.common.site import Site
from tests.common.visitor import KEY, TWO_FACTOR, Visitor

REFUSED = {303, 422, 429}


def sessions(site: Site) -> int:
    number: int = site.value("SELECT count(*) FROM sessions")
    return number


def guesses(site: Site, names: list[str], addresses: list[str]) -> list[Callable[[], Any]]:
    """Return acts that each give a wrong password; the pages were asked for before."""
    acts = []
    for name, address in zip(names, addresses, strict=True):
        visitor = site.visitor(address=address)
        fields = {"username": name, "password": "wrong horse"}
        fields["csrf_token"] = visitor.csrf_token("/account/login/")
        acts.append(partial(visitor.post, "/account/login/", fields, status="*"))
    return acts


def addresses(number: int) -> list[str]:
    return [f"198.51.100.{n}" for n in range(number)]


@pytest.mark.attack("P-019")
def test_a_pending_login_completed_twenty_times_at_once_is_one_session(
    site: Site, visitor: Visitor, user_with_totp: Person
) -> None:
    visitor.give_password(user_with_totp)
    fields = {"totp_value": user_with_totp.code(), "csrf_token": visitor.csrf_token(TWO_FACTOR)}
    tabs = [copy_cookies(visitor, site.visitor()) for _ in range(20)]
    before = sessions(site)

    answers = at_once([partial(tab.post, TWO_FACTOR, fields, status="*") for tab in tabs])

    assert {answer.status_int for answer in answers} <= REFUSED
    assert [tab.cookie("session") is not None for tab in tabs].count(True) == 1
    assert sessions(site) == before + 1
    assert site.tags().count("account:login:completed") == 1


@pytest.mark.attack("P-019")
def test_a_pending_login_completed_with_different_factors_at_once_is_one_session(
    site: Site, visitor: Visitor
) -> None:
    """Each answer is right and unspent: the pending login alone decides."""
    carol = site.person("carol", totp=True, key=True)
    visitor.give_password(carol)
    options = visitor.get(f"{KEY}/options", status=200).json
    credential = json.dumps(carol.key.get(options, site.origin))
    token = visitor.csrf_token(TWO_FACTOR)
    code = {"totp_value": carol.code(), "csrf_token": token}
    key = {"credential": credential, "csrf_token": token}
    tabs = [copy_cookies(visitor, site.visitor()) for _ in range(2)]
    before = sessions(site)

    answers = at_once(
        [
            partial(tabs[0].post, TWO_FACTOR, code, status="*"),
            partial(tabs[1].post, f"{KEY}/validate", key, status="*"),
        ]
    )

    statuses = Counter(answer.status_int for answer in answers)
    assert statuses in ({303: 1, 401: 1}, {303: 1, 200: 1})
    assert [tab.cookie("session") is not None for tab in tabs].count(True) == 1
    assert sessions(site) == before + 1
    assert site.tags().count("account:login:completed") == 1


@pytest.mark.attack("P-003")
def test_guesses_released_together_are_counted_each(site: Site, user_with_totp: Person) -> None:
    acts = guesses(site, ["alice"] * 20, addresses(20))

    statuses = Counter(answer.status_int for answer in at_once(acts))

    assert statuses == {422: 10, 429: 10}
    assert site.tags().count("account:password:failed") == 10
    assert site.tags().count("account:password:limited") == 1


@pytest.mark.attack("P-003")
def test_of_two_hundred_guesses_at_once_ten_are_evaluated(
    site: Site, user_with_totp: Person
) -> None:
    acts = guesses(site, ["alice"] * 200, addresses(200))

    statuses = Counter(answer.status_int for answer in at_once(acts))

    # Two hundred at once may be more than a busy machine takes; who is sent away guessed nothing.
    assert statuses[422] == 10
    assert statuses[429] + statuses[503] == 190
    assert site.tags().count("account:password:failed") == 10


@pytest.mark.attack("P-003")
def test_of_two_hundred_guesses_when_a_delay_is_over_one_is_evaluated(
    site: Site, user_with_totp: Person
) -> None:
    acts = guesses(site, ["alice"] * 200, addresses(200))
    for act in acts[:10]:
        act()
    site.clock.advance(minutes=1)

    statuses = Counter(answer.status_int for answer in at_once(acts))

    assert statuses[422] == 1
    assert statuses[429] + statuses[503] == 199
    assert site.tags().count("account:password:failed") == 11


@pytest.mark.attack("P-004")
def test_guesses_from_one_address_released_together_are_counted_each(site: Site) -> None:
    names = [f"nobody{n}" for n in range(20)]
    acts = guesses(site, names, ["198.51.100.1"] * 20)

    statuses = Counter(answer.status_int for answer in at_once(acts))

    assert statuses == {422: 10, 429: 10}
