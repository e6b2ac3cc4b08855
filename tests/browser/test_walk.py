"""The walk of a new person: before the real `warehouse-mfa serve`, by keyboard, without script."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.common.browser import VirtualAuthenticator
from tests.common.databases import empty
from tests.common.keyboard import Keyboard
from tests.common.people import Person
from tests.common.served import RunningClock, ServedSite, serve
from tests.common.surfer import (
    ACCOUNT,
    CODE_PAGE,
    FACTORS,
    KEY_PAGE,
    UNVERIFIED,
    OpenBrowser,
    Surfer,
)
from tests.common.visitor import PROVISION_TOTP, RECOVERY_CODES
from warehouse_mfa.db import create_engine


@pytest.fixture
def origin(database_url: str, tmp_path: Path) -> Iterator[str]:
    """Where the real command serves: on SQLite, then on PostgreSQL."""
    with serve(database_url, tmp_path) as origin:
        yield origin
    engine = create_engine(database_url)
    empty(engine)
    engine.dispose()


def test_a_new_person_sets_up_an_app_recovery_codes_and_two_keys_and_logs_in_with_each(
    origin: str, open_browser: OpenBrowser
) -> None:
    surfer = open_browser(origin)
    person = Person("newton", clock=RunningClock())

    surfer.register(person)
    surfer.verify(person)
    surfer.enroll_totp(person)
    surfer.keep_recovery_codes(person)
    old_key = VirtualAuthenticator.add(surfer.page, protocol="u2f")
    surfer.register_key("Old key")
    old_key.set_presence(False)
    new_key = VirtualAuthenticator.add(surfer.page, protocol="ctap2")
    surfer.register_key("New key")
    labels = surfer.page.locator(".credential-label")
    expect(labels).to_have_text(["Old key", "New key", "Phone"])
    surfer.log_out()

    surfer.give_password(person)
    surfer.arrives(KEY_PAGE)
    surfer.use_key()
    surfer.arrives(ACCOUNT)
    surfer.log_out()

    new_key.set_presence(False)
    old_key.set_presence(True)
    surfer.give_password(person)
    surfer.use_key()
    surfer.arrives(ACCOUNT)
    surfer.log_out()

    surfer.give_password(person)
    surfer.follow("Authenticator app")
    # The code of this moment was spent when the app was enrolled; the next one is taken early.
    surfer.give_code(person.code(steps=1))
    surfer.arrives(ACCOUNT)
    expect(surfer.page.get_by_text("Nothing left to do")).to_be_visible()


def test_the_whole_walk_can_be_done_by_keyboard_with_the_focus_in_sight(
    surfer: Surfer, site: ServedSite
) -> None:
    person = Person("newton", clock=site.clock)
    VirtualAuthenticator.add(surfer.page)
    keyboard = Keyboard(surfer.page)

    surfer.go("/")
    keyboard.activate("link", "Register")
    surfer.arrives("/account/register/")
    keyboard.type("Email address", person.address)
    keyboard.type("Username", person.username)
    keyboard.type("Password", person.password)
    keyboard.type("Password again", person.password)
    keyboard.activate("button", "Register")
    surfer.arrives(UNVERIFIED)
    keyboard.activate("link", "Open the mailbox")
    keyboard.activate("link", site.origin, exact=False)
    keyboard.activate("button", "Verify this address")
    keyboard.activate("link", "Add an authenticator app")
    surfer.arrives(PROVISION_TOTP)
    person.codes.append(surfer.read_totp_key())
    keyboard.type("Code", person.code())
    keyboard.activate("button", "Add this app")
    surfer.arrives(RECOVERY_CODES)
    keyboard.activate("button", "Make recovery codes")
    keyboard.type("Recovery code", surfer.page.locator(".codes code").first.inner_text())
    keyboard.activate("button", "Check this code")
    surfer.arrives(FACTORS)
    keyboard.activate("link", "Add a security key")
    keyboard.type("Name", "Blue key")
    keyboard.activate("button", "Add this key")
    surfer.arrives(FACTORS)
    keyboard.activate("button", "Log out")
    surfer.arrives("/")
    keyboard.activate("link", "Log in")
    keyboard.type("Username or email address", person.username)
    keyboard.type("Password", person.password)
    surfer.page.keyboard.press("Enter")
    surfer.arrives(KEY_PAGE)
    keyboard.activate("button", "Use the key or passkey")
    surfer.arrives(ACCOUNT)

    assert site.tags()[-1] == "account:login:completed"


def test_the_whole_walk_can_be_done_without_script(
    open_browser: OpenBrowser, site: ServedSite
) -> None:
    surfer = open_browser(java_script_enabled=False)
    person = Person("newton", clock=site.clock)

    surfer.register(person)
    surfer.verify(person)
    surfer.arrives(FACTORS)
    surfer.follow("Add an authenticator app")
    surfer.arrives(PROVISION_TOTP)
    surfer.enroll_totp(person)
    surfer.keep_recovery_codes(person)
    surfer.log_out()
    surfer.give_password(person)
    surfer.arrives(CODE_PAGE)
    surfer.give_code(person.code(steps=1))
    surfer.arrives(ACCOUNT)

    assert site.tags()[-1] == "account:login:completed"
