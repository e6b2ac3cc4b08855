"""The same at once, many times: one success, the others refused."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.common.authenticator import SoftwareAuthenticator
from tests.common.jars import at_once, copy_cookies
from tests.common.people import Person
from tests.common.site import Site
from tests.common.visitor import KEY, PROVISION_KEY, Visitor

MANY = 20
REFUSED = (400, 401, 403, 409, 422)
"""401 and 403 for whoever comes when the first key is there: a session that ended, or that owes it."""
OWNERS = "SELECT username FROM webauthn_credentials JOIN users ON users.id = user_id ORDER BY 1"
STEP = "/account/webauthn-authenticate/"


def registering(
    jar: Visitor, credential: dict[str, Any], label: str = "Key"
) -> Callable[[], tuple[int, str]]:
    """Return a call that sends a registration; status and reason are what it gives."""
    return posting(jar, PROVISION_KEY, PROVISION_KEY, credential, label=label)


def asserting(jar: Visitor, credential: dict[str, Any]) -> Callable[[], tuple[int, str]]:
    """Return a call that sends an assertion; status and reason are what it gives."""
    return posting(jar, KEY, STEP, credential)


def posting(
    jar: Visitor, path: str, page: str, credential: dict[str, Any], **more: str
) -> Callable[[], tuple[int, str]]:
    fields = {
        "credential": json.dumps(credential),
        "csrf_token": jar.csrf_token(page),
        **more,
    }

    def post() -> tuple[int, str]:
        answer = jar.post(f"{path}/validate", fields, expect_errors=True)
        return answer.status_int, answer.json.get("fail", {}).get("reason", "success")

    return post


def inside(jars: list[Visitor]) -> int:
    """Tell how many of the jars are fully logged in."""
    return sum(jar.get("/manage/account/").status_int == 200 for jar in jars)


# Registration


@pytest.mark.attack("P-056")
def test_one_registration_sent_at_once_is_one_key(
    site: Site, newcomer: Visitor, dave: Person
) -> None:
    credential = dave.key.create(newcomer.get(f"{PROVISION_KEY}/options").json, site.origin)
    jars = [copy_cookies(newcomer, site.visitor()) for _ in range(MANY)]

    answers = at_once([registering(jar, credential, f"Key {n}") for n, jar in enumerate(jars)])

    assert [status for status, _ in answers].count(200) == 1
    assert all(status in REFUSED for status, _ in answers if status != 200)
    assert site.rows(OWNERS) == [("dave",)]
    assert site.tags().count("account:webauthn:registered") == 1
    assert len(site.mails(to=dave.address)) == 1


def test_one_challenge_answered_with_many_keys_at_once_is_one_key(
    site: Site, newcomer: Visitor, dave: Person
) -> None:
    options = newcomer.get(f"{PROVISION_KEY}/options").json
    calls = []
    for n in range(MANY):
        credential = SoftwareAuthenticator().create(options, site.origin)
        jar = copy_cookies(newcomer, site.visitor())
        calls.append(registering(jar, credential, f"Key {n}"))

    answers = at_once(calls)

    assert [status for status, _ in answers].count(200) == 1
    assert site.rows(OWNERS) == [("dave",)]


@pytest.mark.attack("P-064")
def test_one_credential_id_of_two_accounts_at_once_belongs_to_one(roomy_site: Site) -> None:
    site = roomy_site
    people = [site.person("dave"), site.person("erik")]
    calls = []
    for n in range(MANY):
        person = people[n % 2]
        jar = site.visitor()
        jar.give_password(person)
        options = jar.get(f"{PROVISION_KEY}/options").json
        credential = SoftwareAuthenticator().create(
            options, site.origin, credential_id=b"the id that both want"
        )
        calls.append(registering(jar, credential, f"Key {n}"))

    answers = at_once(calls)

    assert [status for status, _ in answers].count(200) == 1
    assert all(status in REFUSED for status, _ in answers if status != 200)
    assert len(site.rows(OWNERS)) == 1
    assert site.tags().count("account:webauthn:registered") == 1


def test_an_account_never_goes_beyond_twenty_keys_at_once(
    site: Site, newcomer: Visitor, dave: Person
) -> None:
    for n in range(19):
        dave.key = SoftwareAuthenticator()
        newcomer.register_key(dave, f"Key {n}")
    jars = [copy_cookies(newcomer, site.visitor()) for _ in range(5)]
    calls = []
    for n, jar in enumerate(jars):
        options = jar.get(f"{PROVISION_KEY}/options").json
        credential = SoftwareAuthenticator().create(options, site.origin)
        calls.append(registering(jar, credential, f"More {n}"))

    answers = at_once(calls)

    assert [status for status, _ in answers].count(200) == 1
    assert len(site.rows(OWNERS)) == 20


def test_two_keys_with_one_name_at_once_are_one_key(
    site: Site, newcomer: Visitor, dave: Person
) -> None:
    jars = [copy_cookies(newcomer, site.visitor()) for _ in range(2)]
    calls = []
    for jar in jars:
        options = jar.get(f"{PROVISION_KEY}/options").json
        calls.append(registering(jar, SoftwareAuthenticator().create(options, site.origin)))

    answers = at_once(calls)

    assert [status for status, _ in answers].count(200) == 1
    assert site.rows(OWNERS) == [("dave",)]


# Authentication


@pytest.mark.attack("P-075")
def test_one_assertion_sent_at_once_opens_one_session(roomy_site: Site) -> None:
    site = roomy_site
    bob = site.person("bob", key=True)
    first = site.visitor()
    first.give_password(bob)
    credential = bob.key.get(first.get(f"{KEY}/options").json, site.origin)
    jars = [copy_cookies(first, site.visitor()) for _ in range(MANY)]

    answers = at_once([asserting(jar, credential) for jar in jars])

    assert [status for status, _ in answers].count(200) == 1
    assert all(status in (200, 401, 422) for status, _ in answers)
    assert inside(jars) == 1
    assert site.tags().count("account:login:completed") == 1
    assert site.value("SELECT sign_count FROM webauthn_credentials") == 1


@pytest.mark.attack("P-075")
def test_one_count_in_many_logins_at_once_opens_one_session(roomy_site: Site) -> None:
    # Every login has a challenge of its own; the copies of the key all say the same count.
    site = roomy_site
    bob = site.person("bob", key=True)
    jars = [site.visitor(address=f"198.51.100.{n}") for n in range(MANY)]
    calls = []
    for jar in jars:
        jar.give_password(bob)
        options = jar.get(f"{KEY}/options").json
        calls.append(asserting(jar, bob.key.get(options, site.origin, sign_count=5)))

    answers = at_once(calls)

    assert [status for status, _ in answers].count(200) == 1
    assert all(status in (200, 422) for status, _ in answers)
    assert inside(jars) == 1
    assert site.value("SELECT sign_count FROM webauthn_credentials") == 5
    assert site.tags().count("account:webauthn:possible-clone") <= 1


def test_a_key_without_a_counter_opens_every_login_at_once(roomy_site: Site) -> None:
    site = roomy_site
    bob = site.person("bob", key=True)
    jars = [site.visitor(address=f"198.51.100.{n}") for n in range(5)]
    calls = []
    for jar in jars:
        jar.give_password(bob)
        options = jar.get(f"{KEY}/options").json
        calls.append(asserting(jar, bob.key.get(options, site.origin, sign_count=0)))

    answers = at_once(calls)

    assert [status for status, _ in answers] == [200] * 5
    assert inside(jars) == 5


def test_many_answers_to_one_pending_login_at_once_open_one_session(roomy_site: Site) -> None:
    site = roomy_site
    bob = site.person("bob", key=True)
    first = site.visitor()
    first.give_password(bob)
    jars = [copy_cookies(first, site.visitor()) for _ in range(MANY)]
    calls = []
    for jar in jars:
        options = jar.get(f"{KEY}/options").json
        calls.append(asserting(jar, bob.key.get(options, site.origin, sign_count=0)))

    answers = at_once(calls)

    assert [status for status, _ in answers].count(200) == 1
    assert all(status in (200, 401, 422) for status, _ in answers)
    assert inside(jars) == 1
    assert site.tags().count("account:login:completed") == 1
