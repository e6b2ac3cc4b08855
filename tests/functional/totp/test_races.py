"""The same at once, twenty times: one success, the others refused."""

from collections.abc import Callable

import pytest

from tests.common.enrolling import begin, code_of, send
from tests.common.jars import at_once, copy_cookies
from tests.common.people import Person
from tests.common.site import Site
from tests.common.visitor import PROVISION_TOTP, TWO_FACTOR, Visitor

MANY = 20


def inside(jars: list[Visitor]) -> int:
    """Tell how many of the jars are fully logged in."""
    return sum(jar.get("/manage/account/").status_int == 200 for jar in jars)


def answer(jar: Visitor, code: str) -> Callable[[], int]:
    """Return a call that gives a code, with all that it needs already at hand."""
    fields = {"totp_value": code, "csrf_token": jar.csrf_token(TWO_FACTOR)}

    def post() -> int:
        return int(jar.post(TWO_FACTOR, fields, expect_errors=True).status_int)

    return post


@pytest.mark.attack("P-034")
def test_one_code_in_twenty_logins_at_once_opens_one_session(roomy_site: Site) -> None:
    alice = roomy_site.person("alice", totp=True)
    jars = [roomy_site.visitor(address=f"198.51.100.{n}") for n in range(MANY)]
    for jar in jars:
        jar.give_password(alice)

    statuses = at_once([answer(jar, alice.code()) for jar in jars])

    assert sorted(statuses) == [303] + [422] * (MANY - 1)
    assert inside(jars) == 1
    assert roomy_site.tags().count("account:login:completed") == 1


@pytest.mark.attack("P-034")
def test_one_code_on_twenty_known_devices_at_once_opens_one_session(roomy_site: Site) -> None:
    # Each device has a counter of its own: nothing but the application's row is shared.
    alice = roomy_site.person("alice", totp=True)
    jars = [roomy_site.visitor() for _ in range(MANY)]
    for jar in jars:
        jar.log_in(alice)
        jar.form("/account/logout/", "logout-form").submit(status=303)
        roomy_site.clock.advance(seconds=30)
    for jar in jars:
        jar.give_password(alice)

    statuses = at_once([answer(jar, alice.code()) for jar in jars])

    assert sorted(statuses) == [303] + [422] * (MANY - 1)
    assert inside(jars) == 1


@pytest.mark.attack("P-034")
def test_one_pending_login_answered_twenty_times_at_once_opens_one_session(
    roomy_site: Site,
) -> None:
    alice = roomy_site.person("alice", totp=True)
    first = roomy_site.visitor()
    first.give_password(alice)
    jars = [copy_cookies(first, roomy_site.visitor()) for _ in range(MANY)]

    statuses = at_once([answer(jar, alice.code(n % 3 - 1)) for n, jar in enumerate(jars)])

    assert statuses.count(303) >= 1
    assert all(status in (303, 422) for status in statuses)
    assert inside(jars) == 1
    assert roomy_site.tags().count("account:login:completed") == 1


def test_wrong_codes_at_once_are_no_more_than_the_budget(site: Site) -> None:
    alice = site.person("alice", totp=True)
    jars = [site.visitor(address=f"198.51.100.{n}") for n in range(MANY)]
    for jar in jars:
        jar.give_password(alice)

    statuses = at_once([answer(jar, alice.wrong_code()) for jar in jars])

    assert sorted(statuses) == [422] * 5 + [429] * (MANY - 5)
    assert site.tags().count("account:factor:failed") == 5
    assert site.tags().count("account:factor:limited") == 1


# Enrolling


def enroll(jar: Visitor, code: str, label: str) -> Callable[[], int]:
    """Return a call that sends the first code of the enrollment under way."""
    token = jar.csrf_token(PROVISION_TOTP)
    fields = {"totp_value": code, "label": label, "csrf_token": token}

    def post() -> int:
        return int(jar.post(PROVISION_TOTP, fields, expect_errors=True).status_int)

    return post


def applications(site: Site) -> list[str]:
    return [label for (label,) in site.rows("SELECT label FROM totp_applications ORDER BY id")]


def test_one_enrollment_sent_twenty_times_at_once_is_one_app(
    site: Site, user_without_factor: Person
) -> None:
    first = site.visitor()
    first.give_password(user_without_factor)
    code = code_of(begin(first), site.clock)
    jars = [copy_cookies(first, site.visitor()) for _ in range(MANY)]

    statuses = at_once([enroll(jar, code, f"App {n}") for n, jar in enumerate(jars)])

    assert len(applications(site)) == 1
    assert max(statuses) < 500
    assert site.tags().count("account:totp:enrolled") == 1
    assert len(site.mails(to=user_without_factor.address)) == 1


def test_twenty_sessions_that_enroll_at_once_give_one_app(
    roomy_site: Site,
) -> None:
    dave = roomy_site.person("dave")
    jars = [roomy_site.visitor() for _ in range(MANY)]
    calls = []
    for n, jar in enumerate(jars):
        jar.give_password(dave)
        code = code_of(begin(jar), roomy_site.clock)
        calls.append(enroll(jar, code, f"App {n}"))

    statuses = at_once(calls)

    assert len(applications(roomy_site)) == 1
    assert max(statuses) < 500
    assert inside(jars) == 1


def test_an_account_never_goes_beyond_its_limit_at_once(
    site: Site, user_without_factor: Person
) -> None:
    first = site.visitor()
    first.give_password(user_without_factor)
    for n in range(4):
        send(first, code_of(begin(first), site.clock), f"App {n}")
    jars = [copy_cookies(first, site.visitor(), "session", "csrf") for _ in range(MANY)]
    codes = [code_of(begin(jar), site.clock) for jar in jars]

    at_once(
        [
            enroll(jar, code, f"More {n}")
            for n, (jar, code) in enumerate(zip(jars, codes, strict=True))
        ]
    )

    assert len(applications(site)) == 5


def test_one_of_two_apps_with_one_name_at_once_is_enrolled(
    site: Site, user_without_factor: Person
) -> None:
    first = site.visitor()
    first.give_password(user_without_factor)
    jars = [copy_cookies(first, site.visitor(), "session", "csrf") for _ in range(2)]
    codes = [code_of(begin(jar), site.clock) for jar in jars]

    statuses = at_once([enroll(jar, code, "Phone") for jar, code in zip(jars, codes, strict=True)])

    assert applications(site) == ["Phone"]
    assert max(statuses) < 500
