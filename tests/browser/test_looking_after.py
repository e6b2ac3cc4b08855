"""All that one does with an account that is set up: by keyboard alone, and without script."""

import pytest
from playwright.sync_api import expect

from tests.common.keyboard import Keyboard
from tests.common.people import Person
from tests.common.resetting import NEW
from tests.common.served import ServedSite
from tests.common.surfer import (
    ACCOUNT,
    CODE_PAGE,
    FACTORS,
    HISTORY,
    LOG_IN,
    PASSWORD,
    OpenBrowser,
    Surfer,
)
from tests.common.visitor import REAUTHENTICATE, RECOVERY_CODE


@pytest.fixture
def alice(site: ServedSite, user_with_totp: Person) -> Person:
    """Alice has two apps and recovery codes."""
    visitor = site.visitor()
    visitor.log_in(user_with_totp)
    visitor.enroll_totp(user_with_totp, "Tablet")
    visitor.make_recovery_codes(user_with_totp)
    site.clock.advance(seconds=90)
    return user_with_totp


def labels_of(surfer: Surfer) -> list[str]:
    return surfer.page.locator(".credential-label").all_inner_texts()


def test_it_can_be_done_by_keyboard(surfer: Surfer, site: ServedSite, alice: Person) -> None:
    keyboard = Keyboard(surfer.page)

    surfer.go(LOG_IN)
    keyboard.type("Username or email address", alice.username)
    keyboard.type("Password", alice.password)
    keyboard.activate("button", "Log in")
    surfer.arrives(CODE_PAGE)
    keyboard.type("Code", alice.code())
    keyboard.activate("button", "Log in")
    surfer.arrives(ACCOUNT)
    keyboard.activate("link", "History")
    surfer.arrives(HISTORY)
    keyboard.activate("link", "Second factors")
    surfer.arrives(FACTORS)
    site.clock.advance(minutes=31)
    keyboard.activate("link", "Rename : Tablet")
    surfer.arrives(REAUTHENTICATE)
    keyboard.type("Code", alice.code())
    keyboard.activate("button", "Go on")
    keyboard.type("Name", "Drawer")
    keyboard.activate("button", "Save this name")
    surfer.arrives(FACTORS)
    keyboard.activate("link", "Remove : Phone")
    keyboard.activate("button", "Remove it")
    surfer.arrives(FACTORS)
    assert labels_of(surfer) == ["Drawer"]
    keyboard.activate("link", "Password")
    surfer.arrives(PASSWORD)
    keyboard.type("Current password", alice.password)
    keyboard.type("New password", NEW)
    keyboard.type("Password again", NEW)
    keyboard.activate("button", "Change the password")
    surfer.arrives(ACCOUNT)
    keyboard.choose("Language", "Français")
    keyboard.activate("button", "Change")
    expect(surfer.page.locator("html")).to_have_attribute("lang", "fr")
    keyboard.activate("button", "Se déconnecter")
    surfer.arrives("/")

    assert site.tags()[-2:] == ["account:password:changed", "account:logout"]


def test_it_can_be_done_without_script(
    open_browser: OpenBrowser, site: ServedSite, alice: Person
) -> None:
    surfer = open_browser(java_script_enabled=False)

    surfer.give_password(alice)
    surfer.follow("Recovery code")
    surfer.arrives(RECOVERY_CODE)
    surfer.fill("Recovery code", alice.recovery_codes[0])
    surfer.press("Log in")
    surfer.arrives(ACCOUNT)
    surfer.follow("See your security history")
    surfer.arrives(HISTORY)
    site.clock.advance(minutes=31)
    surfer.go(FACTORS)
    surfer.follow_of("Tablet", "rename")
    surfer.arrives(REAUTHENTICATE)
    surfer.fill("Code", alice.code())
    surfer.press("Go on")
    surfer.fill("Name", "Drawer")
    surfer.press("Save this name")
    surfer.arrives(FACTORS)
    surfer.follow_of("Phone", "delete")
    surfer.press("Remove it")
    surfer.arrives(FACTORS)
    assert labels_of(surfer) == ["Drawer"]
    surfer.go(PASSWORD)
    surfer.fill("Current password", alice.password)
    surfer.fill("New password", NEW)
    surfer.fill("Password again", NEW)
    surfer.press("Change the password")
    surfer.arrives(ACCOUNT)
    surfer.page.get_by_label("Language").select_option("fr")
    surfer.page.get_by_role("button", name="Change", exact=True).click()
    expect(surfer.page.locator("html")).to_have_attribute("lang", "fr")
    surfer.page.get_by_role("button", name="Se déconnecter").click()
    surfer.arrives("/")

    assert site.tags()[-2:] == ["account:password:changed", "account:logout"]
