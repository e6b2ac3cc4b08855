"""Between password and second factor: a pending login opens one door, once, for five minutes."""

import base64
import json
import re
from functools import partial
from urllib.parse import urlsplit

import pytest
from sqlalchemy import select
from webtest import TestResponse

from tests.common.jars import copy_cookies, drop_cookie
from tests.common.people import PASSWORD, Person
from tests.common.registering import register
from tests.common.site import Site
from tests.common.visitor import KEY, PROVISION_KEY, PROVISION_TOTP, TWO_FACTOR, Visitor
from warehouse_mfa.db import Base

LOGIN = "/account/login/"
LANDING = "/manage/account/"
GONE = "This login took too long, or your account changed meanwhile. Start again."


@pytest.fixture
def pending(visitor: Visitor, user_with_totp: Person) -> Visitor:
    """A browser in which Alice has given her password and nothing else."""
    visitor.give_password(user_with_totp)
    return visitor


def carrying(site: Site, value: str) -> dict[str, str]:
    """Return headers with a pending login of that value."""
    name = "__Host-login" if site.origin.startswith("https") else "login"
    return {"Cookie": f"{name}={value}"}


def sessions(site: Site) -> int:
    number: int = site.value("SELECT count(*) FROM sessions")
    return number


def manage_paths(site: Site) -> list[str]:
    """Return the addresses of all pages behind a login, with ids that nobody has."""
    routes = site.config.introspector.get_category("routes")
    patterns = [route["introspectable"]["pattern"] for route in routes]
    paths = [
        re.sub(r"\{[^}]*\}", "00000000-0000-0000-0000-000000000000", pattern)
        for pattern in patterns
        if pattern.startswith(("/manage/", "/admin/"))
    ]
    return [*paths, "/account/reauthenticate/", "/admin/"]


def leads_in(answer: TestResponse) -> bool:
    """Tell whether an answer shows a page behind the login, or leads to one."""
    if answer.status_int == 303:
        return urlsplit(answer.location).path != LOGIN
    return answer.status_int < 400


# Nothing else is open


@pytest.mark.attack("P-015")
def test_the_password_alone_opens_no_page(site: Site, pending: Visitor) -> None:
    paths = manage_paths(site)

    opened = [path for path in paths if leads_in(pending.get(path, status="*"))]

    assert len(paths) >= 8
    assert opened == []


@pytest.mark.attack("P-015")
def test_the_password_alone_shows_no_menu_of_the_person(pending: Visitor) -> None:
    for path in ("/", TWO_FACTOR, LOGIN, "/account/register/"):
        page = pending.get(path, status=200)

        assert page.html.select_one(".site-menu-person") is None


@pytest.mark.attack("P-016")
def test_the_password_alone_changes_nothing(site: Site, pending: Visitor) -> None:
    token = pending.csrf_token()
    before = everything(site)
    fields = {
        "csrf_token": token,
        "email": "mallory@example.org",
        "label": "Phone",
        "totp_value": "123456",
        "credential": "{}",
        "start_again": "1",
    }

    opened = [
        path for path in manage_paths(site) if leads_in(pending.post(path, fields, status="*"))
    ]

    assert opened == []
    assert everything(site) == before


def everything(site: Site) -> str:
    """Return all that the database holds, except when something was last seen."""
    return "\n".join(
        f"{table.name}: {site.rows(str(select(table)))}"
        for table in Base.metadata.sorted_tables
        if table.name != "attempt_counters"
    )


@pytest.mark.attack("P-022")
@pytest.mark.parametrize(
    "path", [PROVISION_TOTP, f"{PROVISION_TOTP}/image", PROVISION_KEY, f"{PROVISION_KEY}/options"]
)
def test_setting_up_is_closed_to_the_password_alone(pending: Visitor, path: str) -> None:
    answer = pending.get(path, status="*")

    assert answer.status_int in (303, 401)
    assert pending.cookie("enroll") is None
    assert "secret" not in answer.text
    assert "challenge" not in answer.text


@pytest.mark.attack("P-022")
def test_an_enrollment_under_way_is_no_use_in_a_pending_login(
    site: Site, visitor: Visitor, user_with_totp: Person
) -> None:
    visitor.log_in(user_with_totp)
    visitor.get(PROVISION_TOTP, status=200)
    visitor.form("/account/logout/", "logout-form").submit(status=303)
    visitor.give_password(user_with_totp)

    visitor.get(f"{PROVISION_TOTP}/image", status=303)
    fields = {"label": "Second", "totp_value": "123456"}
    visitor.post_form(PROVISION_TOTP, fields, status=303)

    assert site.value("SELECT count(*) FROM totp_applications") == 1


# The reference


@pytest.mark.attack("P-017")
def test_a_reference_that_was_changed_in_any_place_is_refused(site: Site, pending: Visitor) -> None:
    value = pending.cookie("login")
    assert value is not None
    ask = partial(site.visitor().get, TWO_FACTOR, status="*")
    assert ask(headers=carrying(site, value)).status_int == 200

    for place, character in enumerate(value):
        for other in {"A", "B", "_"} - {character}:
            changed = value[:place] + other + value[place + 1 :]

            assert not leads_in(ask(headers=carrying(site, changed))), (place, other)


@pytest.mark.attack("P-017")
@pytest.mark.parametrize(
    "change",
    [
        lambda value: value[:-1],
        lambda value: value + "A",
        lambda value: value + "=",
        lambda value: value * 2,
        lambda value: value.lower(),
        lambda value: "",
        lambda value: "null",
        lambda value: "x" * 4000,
        lambda value: value[:20],
    ],
)
def test_a_reference_that_is_none_leads_back_to_the_login(
    site: Site, visitor: Visitor, pending: Visitor, change: object
) -> None:
    value = pending.cookie("login")

    answer = site.visitor().get(TWO_FACTOR, headers=carrying(site, change(value)), status=303)

    assert urlsplit(answer.location).path == LOGIN


@pytest.mark.attack("P-017")
def test_a_session_and_a_device_are_no_pending_login(
    site: Site, visitor: Visitor, user_with_totp: Person
) -> None:
    visitor.get(LOGIN)
    values = [visitor.cookie("csrf")]
    visitor.log_in(user_with_totp)
    values += [visitor.cookie("session"), visitor.cookie("device")]

    for value in values:
        assert value is not None
        answer = site.visitor().get(TWO_FACTOR, headers=carrying(site, value), status=303)
        assert urlsplit(answer.location).path == LOGIN


@pytest.mark.attack("P-017")
def test_a_mailed_token_is_no_pending_login(
    site: Site, visitor: Visitor, user_with_totp: Person
) -> None:
    register(visitor)
    token = site.mails(to="newton@example.org")[0].link.partition("token=")[2]

    answer = site.visitor().get(TWO_FACTOR, headers=carrying(site, token), status=303)

    assert urlsplit(answer.location).path == LOGIN


@pytest.mark.attack("P-017")
def test_a_pending_login_is_no_session(site: Site, pending: Visitor) -> None:
    value = pending.cookie("login")
    name = "__Host-session" if site.origin.startswith("https") else "session"

    answer = site.visitor().get(LANDING, headers={"Cookie": f"{name}={value}"}, status=303)

    assert urlsplit(answer.location).path == LOGIN


# Its time


@pytest.mark.attack("P-018")
def test_a_pending_login_lives_five_minutes(
    site: Site, pending: Visitor, user_with_totp: Person
) -> None:
    form = pending.form(TWO_FACTOR, "totp-auth-form")
    site.clock.advance(minutes=5)
    form["totp_value"] = user_with_totp.code()
    before = sessions(site)

    page = form.submit(status=303).follow(status=200)

    assert GONE in page
    assert sessions(site) == before


@pytest.mark.attack("P-018")
def test_a_pending_login_can_be_completed_until_its_last_second(
    site: Site, pending: Visitor, user_with_totp: Person
) -> None:
    site.clock.advance(minutes=4, seconds=59)

    answer = pending.give_code(user_with_totp.code())

    assert urlsplit(answer.location).path == LANDING


@pytest.mark.attack("P-018")
def test_a_security_key_is_too_late_after_five_minutes(
    site: Site, visitor: Visitor, user_with_key: Person
) -> None:
    visitor.give_password(user_with_key)
    options = visitor.get(f"{KEY}/options", status=200).json
    token = visitor.csrf_token(f"{KEY}/")
    site.clock.advance(minutes=5)
    before = sessions(site)

    credential = json.dumps(user_with_key.key.get(options, site.origin))
    fields = {"credential": credential, "csrf_token": token}
    refused = visitor.post(f"{KEY}/validate", fields, status=401)

    assert refused.json["fail"]["reason"] == "no-pending-login"
    assert sessions(site) == before


def test_a_pending_login_that_is_over_keeps_name_and_way(
    site: Site, visitor: Visitor, user_with_totp: Person
) -> None:
    visitor.give_password(
        user_with_totp, username="Alice@example.org", next="/manage/account/two-factor/"
    )
    form = visitor.form(TWO_FACTOR, "totp-auth-form")
    site.clock.advance(minutes=6)
    form["totp_value"] = user_with_totp.code()

    page = form.submit(status=303).follow(status=200)

    kept = page.forms["login-form"]
    assert kept["username"].value == "Alice@example.org"
    assert kept["next"].value == "/manage/account/two-factor/"
    kept["password"] = PASSWORD
    kept.submit(status=303)
    answer = visitor.give_code(user_with_totp.code())
    assert answer.location.endswith("/manage/account/two-factor/")


def test_a_login_that_was_completed_leaves_no_name_behind(
    visitor: Visitor, user_with_totp: Person
) -> None:
    visitor.log_in(user_with_totp)
    visitor.form("/account/logout/", "logout-form").submit(status=303)

    page = visitor.get(LOGIN, status=200)

    assert page.forms["login-form"]["username"].value == ""
    assert visitor.cookie("login") is None


# Once


@pytest.mark.attack("P-019")
def test_a_pending_login_is_completed_once(
    site: Site, pending: Visitor, user_with_totp: Person
) -> None:
    other = copy_cookies(pending, site.visitor())
    form = other.form(TWO_FACTOR, "totp-auth-form")
    pending.give_code(user_with_totp.code())
    site.clock.advance(seconds=60)
    before = sessions(site)

    form["totp_value"] = user_with_totp.code()
    answer = form.submit(status=303)

    assert urlsplit(answer.location).path == LOGIN
    assert other.cookie("session") is None
    assert sessions(site) == before
    assert site.tags().count("account:login:completed") == 1


@pytest.mark.attack("P-019")
def test_a_pending_login_ends_when_the_account_changes(
    site: Site, pending: Visitor, user_with_totp: Person
) -> None:
    form = pending.form(TWO_FACTOR, "totp-auth-form")
    site.change("UPDATE users SET security_epoch = security_epoch + 1")
    form["totp_value"] = user_with_totp.code()

    answer = form.submit(status=303)

    assert urlsplit(answer.location).path == LOGIN
    assert "account:login:completed" not in site.tags()


def test_another_login_in_the_same_browser_takes_the_place_of_the_first(
    site: Site, pending: Visitor, user_with_totp: Person, mallory: Person
) -> None:
    pending.give_password(mallory)

    page = pending.get(TWO_FACTOR, status=200)

    assert "mallory" in page
    assert "alice" not in page


# What it holds


@pytest.mark.attack("P-020")
def test_cookies_hold_nothing_that_is_secret_or_personal(
    site: Site, pending: Visitor, user_with_totp: Person
) -> None:
    pending.get(f"{LOGIN}?next=/manage/account/")
    values = [value for value in pending.cookies.values() if value]

    decoded = [
        base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
        for value in values
        for part in re.split(r"[^A-Za-z0-9_-]", value.strip('"'))
    ]
    held = b"\n".join([*decoded, *(value.encode() for value in values)])

    secrets = (PASSWORD, "alice", user_with_totp.codes[0], user_with_totp.code())
    user_id = site.value("SELECT id FROM users")
    assert len(values) >= 2
    assert not any(secret.encode() in held for secret in secrets)
    assert str(user_id).replace("-", "").encode() not in held.hex().encode() + held


@pytest.mark.attack("P-021")
def test_the_password_is_kept_nowhere_between_the_steps(site: Site, pending: Visitor) -> None:
    found = []

    for table in Base.metadata.sorted_tables:
        for row in site.rows(f'SELECT * FROM "{table.name}"'):
            for column, value in zip(table.columns, row, strict=False):
                text = (
                    bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()
                )
                if PASSWORD.encode() in text:
                    found.append(column)

    assert found == []
    assert PASSWORD not in str(pending.cookies)
    assert PASSWORD not in pending.get(TWO_FACTOR)


@pytest.mark.attack("P-021")
def test_the_database_knows_a_pending_login_by_a_digest_only(site: Site, pending: Visitor) -> None:
    value = pending.cookie("login")
    assert value is not None

    secret = base64.urlsafe_b64decode(value + "=")
    assert secret not in bytes(
        site.value("SELECT digest FROM pending_logins ORDER BY id DESC LIMIT 1")
    )


# Where it leads


@pytest.mark.attack("P-031")
@pytest.mark.parametrize(
    ("wanted", "reached"),
    [
        ("/manage/account/two-factor/", "/manage/account/two-factor/"),
        ("/manage/account/?a=b", "/manage/account/?a=b"),
        ("//evil.example", LANDING),
        ("https://evil.example/", LANDING),
        ("/\\evil.example", LANDING),
        ("", LANDING),
    ],
)
def test_where_somebody_wanted_to_go_survives_the_second_step_safely(
    site: Site, visitor: Visitor, user_with_totp: Person, wanted: str, reached: str
) -> None:
    visitor.give_password(user_with_totp, next=wanted)

    answer = visitor.give_code(user_with_totp.code())

    assert answer.location.removeprefix(site.origin) == reached


@pytest.mark.attack("P-031")
@pytest.mark.parametrize(
    ("wanted", "reached"),
    [("/manage/account/two-factor/", "/manage/account/two-factor/"), ("//evil.example", LANDING)],
)
def test_where_somebody_wanted_to_go_survives_a_security_key_safely(
    visitor: Visitor, user_with_key: Person, wanted: str, reached: str
) -> None:
    visitor.give_password(user_with_key, next=wanted)

    answer = visitor.give_key(user_with_key)

    assert answer.json["redirect_to"] == reached


def test_without_the_cookie_there_is_no_second_step(
    site: Site, pending: Visitor, user_with_totp: Person
) -> None:
    form = pending.form(TWO_FACTOR, "totp-auth-form")
    form["totp_value"] = user_with_totp.code()
    drop_cookie(pending, "login")

    answer = form.submit(status=303)

    assert urlsplit(answer.location).path == LOGIN
    assert "account:login:completed" not in site.tags()
