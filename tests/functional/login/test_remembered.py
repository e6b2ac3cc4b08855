"""A browser that was remembered: asked for the password only, for a while, and for nothing grave."""

from collections.abc import Iterator
from http.cookies import SimpleCookie
from typing import Any
from uuid import UUID

import pytest

from tests.common.jars import at_once, copy_cookies, drop_cookie
from tests.common.people import Person
from tests.common.site import HTTPS, Site
from tests.common.visitor import KEY, REAUTHENTICATE, TWO_FACTOR, Visitor
from warehouse_mfa.accounts.interfaces import IAccountStateService
from warehouse_mfa.sessions.interfaces import IDeviceService

LANDING = "/manage/account/"
LOGOUT = "/account/logout/"
SESSIONS = "/manage/account/sessions/"
PASSWORD = "/manage/account/password/"


def log_in_to_stay(visitor: Visitor, person: Person) -> Any:
    """Log in with the app, and have the browser remembered."""
    visitor.give_password(person)
    form = visitor.form(TWO_FACTOR, "totp-auth-form")
    form["totp_value"], form["remember_device"] = person.code(), True
    return form.submit(status=303)


def log_out(visitor: Visitor) -> None:
    visitor.form(LOGOUT, "logout-form").submit(status=303)


def is_asked_for_a_factor(visitor: Visitor, person: Person) -> bool:
    """Give the password, and tell whether that was not enough."""
    answer = visitor.give_password(person)
    return not answer.location.endswith(LANDING)


@pytest.fixture
def alice(site: Site, visitor: Visitor, user_with_totp: Person) -> Person:
    """Alice, whose browser is remembered; she has logged out."""
    log_in_to_stay(visitor, user_with_totp)
    log_out(visitor)
    site.clock.advance(seconds=60)
    return user_with_totp


# Remembering


@pytest.mark.attack("P-026")
def test_the_cookie_is_narrow_and_lives_for_thirty_days(
    site: Site, visitor: Visitor, user_with_totp: Person
) -> None:
    answer = log_in_to_stay(visitor, user_with_totp)

    is_https = site.origin.startswith("https")
    name = "__Host-remember" if is_https else "remember"
    (cookie,) = [
        jar[name] for jar in map(SimpleCookie, answer.headers.getall("Set-Cookie")) if name in jar
    ]
    assert cookie["samesite"] == "Strict"
    assert cookie["httponly"]
    assert bool(cookie["secure"]) is is_https
    assert (cookie["path"], cookie["max-age"]) == ("/", str(30 * 24 * 3600))


def test_the_database_knows_only_the_digest_of_the_cookie(
    site: Site, visitor: Visitor, user_with_totp: Person
) -> None:
    log_in_to_stay(visitor, user_with_totp)

    assert site.value("SELECT length(digest) FROM remembered_devices") == 32
    assert (visitor.cookie("remember") or "")[:20] not in str(
        site.rows("SELECT * FROM remembered_devices")
    )


@pytest.mark.attack("P-026")
def test_the_password_is_enough_and_both_stand_in_the_trail(
    site: Site, visitor: Visitor, alice: Person
) -> None:
    before = len(site.tags())

    assert not is_asked_for_a_factor(visitor, alice)

    visitor.get(LANDING, status=200)
    assert "account:device:remembered" in site.tags()
    assert site.tags()[before:] == ["account:password:accepted", "account:login:remembered"]


def test_nobody_is_remembered_who_did_not_ask(
    site: Site, visitor: Visitor, user_with_totp: Person
) -> None:
    visitor.log_in(user_with_totp)
    log_out(visitor)

    assert visitor.cookie("remember") is None
    assert is_asked_for_a_factor(visitor, user_with_totp)


def test_a_key_has_a_browser_remembered_too(
    site: Site, visitor: Visitor, user_with_key: Person
) -> None:
    visitor.give_password(user_with_key)
    page = visitor.get(f"{KEY}/", status=200)
    options = visitor.get(f"{KEY}/options", status=200).json
    credential = user_with_key.key.get(options, visitor.origin)
    visitor.send_assertion(credential, remember_device="1")

    log_out(visitor)

    assert page.html.select_one("#webauthn-auth-form #remember_device") is not None
    assert not is_asked_for_a_factor(visitor, user_with_key)


def test_a_refused_code_keeps_the_choice_and_remembers_nothing(
    site: Site, visitor: Visitor, user_with_totp: Person
) -> None:
    visitor.give_password(user_with_totp)
    form = visitor.form(TWO_FACTOR, "totp-auth-form")
    form["totp_value"], form["remember_device"] = user_with_totp.wrong_code(), True

    refused = form.submit(status=422)

    assert refused.forms["totp-auth-form"]["remember_device"].checked
    assert site.value("SELECT count(*) FROM remembered_devices") == 0


def test_a_recovery_code_has_no_browser_remembered(
    site: Site, visitor: Visitor, user_with_totp: Person
) -> None:
    visitor.log_in(user_with_totp)
    visitor.make_recovery_codes(user_with_totp)
    log_out(visitor)
    visitor.give_password(user_with_totp)
    form = visitor.form("/account/recovery-code/", "recovery-auth-form")
    token = form["csrf_token"].value
    code = user_with_totp.recovery_codes.pop()

    visitor.post(
        "/account/recovery-code/",
        {"csrf_token": token, "recovery_code_value": code, "remember_device": "1"},
        status=303,
    )

    assert "remember_device" not in form.fields
    assert site.value("SELECT count(*) FROM remembered_devices") == 0


def test_a_superuser_is_never_remembered(
    site: Site, visitor: Visitor, user_with_totp: Person
) -> None:
    site.change("UPDATE users SET is_superuser = :yes", yes=True)
    visitor.give_password(user_with_totp)
    form = visitor.form(TWO_FACTOR, "totp-auth-form")
    fields = {"csrf_token": form["csrf_token"].value, "totp_value": user_with_totp.code()}

    visitor.post(TWO_FACTOR, {**fields, "remember_device": "1"}, status=303)

    assert "remember_device" not in form.fields
    assert site.value("SELECT count(*) FROM remembered_devices") == 0


def test_who_becomes_a_superuser_is_remembered_no_more(
    site: Site, visitor: Visitor, alice: Person
) -> None:
    site.change("UPDATE users SET is_superuser = :yes", yes=True)

    assert is_asked_for_a_factor(visitor, alice)


@pytest.fixture
def forgetful_site(database_url: str) -> Iterator[Site]:
    """A site whose operators let no browser be remembered."""
    site = Site(database_url, HTTPS, remember_device="0")
    yield site
    site.reset()
    site.close()


def test_the_setting_turns_it_off(forgetful_site: Site) -> None:
    visitor, person = forgetful_site.visitor(), forgetful_site.person(totp=True)
    visitor.give_password(person)
    form = visitor.form(TWO_FACTOR, "totp-auth-form")
    fields = {"csrf_token": form["csrf_token"].value, "totp_value": person.code()}

    visitor.post(TWO_FACTOR, {**fields, "remember_device": "1"}, status=303)

    assert "remember_device" not in form.fields
    assert visitor.cookie("remember") is None


# What it is good for


@pytest.mark.attack("P-026", "P-091")
def test_it_is_no_proof_of_presence(site: Site, visitor: Visitor, alice: Person) -> None:
    visitor.give_password(alice)

    assert REAUTHENTICATE in visitor.get(PASSWORD, status=303).location
    visitor.step_up(alice, next=PASSWORD)
    visitor.get(PASSWORD, status=200)


@pytest.mark.attack("P-026")
def test_somebody_else_in_the_same_browser_is_asked(
    site: Site, visitor: Visitor, alice: Person, user_with_key: Person
) -> None:
    assert is_asked_for_a_factor(visitor, user_with_key)


@pytest.mark.attack("P-026")
def test_the_cookie_without_the_password_opens_nothing(
    site: Site, visitor: Visitor, alice: Person
) -> None:
    visitor.give_password(alice, status=422, password="a wrong password")

    assert "/account/login/" in visitor.get(LANDING, status=303).location


def test_the_cookie_of_a_known_device_is_not_enough(
    site: Site, visitor: Visitor, alice: Person
) -> None:
    drop_cookie(visitor, "remember")

    assert is_asked_for_a_factor(visitor, alice)


# How it ends


@pytest.mark.parametrize(("days", "is_asked"), [(29, False), (30, True)])
def test_it_ends_after_thirty_days(
    site: Site, visitor: Visitor, alice: Person, days: int, is_asked: bool
) -> None:
    jar = copy_cookies(visitor, site.visitor())
    site.clock.advance(days=days)

    assert is_asked_for_a_factor(jar, alice) is is_asked


@pytest.mark.attack("P-086")
def test_it_ends_when_the_password_changes(site: Site, visitor: Visitor, alice: Person) -> None:
    other = site.visitor("198.51.100.1")
    other.log_in(alice)
    form = other.form(PASSWORD, "change-password-form")
    form["password"] = alice.password
    form["new_password"] = form["password_confirm"] = "tundra kelp 7 marmots"
    form.submit(status=303)
    alice.password = "tundra kelp 7 marmots"

    assert is_asked_for_a_factor(visitor, alice)


@pytest.mark.attack("P-086")
def test_it_ends_when_a_factor_is_added(site: Site, visitor: Visitor, alice: Person) -> None:
    other = site.visitor("198.51.100.1")
    other.log_in(alice)
    other.register_key(alice)

    assert is_asked_for_a_factor(visitor, alice)


def test_it_ends_when_the_browser_is_forgotten(site: Site, visitor: Visitor, alice: Person) -> None:
    other = site.visitor("198.51.100.1")
    other.log_in(alice)
    page = other.get(SESSIONS, status=200)
    (remembered,) = [line for line in page.html.select("#devices > li") if line.strong]
    path = remembered.form["action"]

    other.post(path, {"csrf_token": other.csrf_token(SESSIONS)}, status=303)

    assert "asked for no second factor until" in remembered.text
    assert is_asked_for_a_factor(visitor, alice)
    assert site.value("SELECT count(*) FROM remembered_devices") == 0


def test_logging_out_keeps_the_browser_remembered(
    site: Site, visitor: Visitor, alice: Person
) -> None:
    visitor.give_password(alice)
    log_out(visitor)

    assert not is_asked_for_a_factor(visitor, alice)


def test_what_is_over_is_deleted(site: Site, visitor: Visitor, alice: Person) -> None:
    site.clock.advance(days=31)

    site.run_task("sessions.purge")

    assert site.value("SELECT count(*) FROM remembered_devices") == 0
    assert site.value("SELECT count(*) FROM known_devices") == 1


@pytest.mark.attack("P-026", "P-104")
def test_it_opens_nothing_of_a_frozen_account(site: Site, visitor: Visitor, alice: Person) -> None:
    with site.scope() as request:
        request.find_service(IAccountStateService).freeze(alice.user_id)

    page = visitor.give_password(alice, status=422)

    assert "This account is frozen" in page.text
    assert "/account/login/" in visitor.get(LANDING, status=303).location


def test_a_browser_remembered_many_times_at_once_is_remembered_once(
    site: Site, visitor: Visitor, user_with_totp: Person
) -> None:
    visitor.log_in(user_with_totp)
    device_id = UUID(
        str(site.value("SELECT id FROM known_devices ORDER BY created_at DESC LIMIT 1"))
    )

    def remember() -> bytes:
        with site.scope() as request:
            devices: IDeviceService = request.find_service(IDeviceService)
            return devices.remember(user_with_totp.user_id, 1, device_id, "totp")

    secrets = at_once([remember] * 8)

    assert len(set(secrets)) == 8
    assert site.value("SELECT count(*) FROM remembered_devices") == 1
