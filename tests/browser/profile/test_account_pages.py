"""Addresses, sessions, notices, profile and the file of it all: by keyboard, and without script."""

import json

import pytest
from playwright.sync_api import expect

from tests.common.keyboard import Keyboard
from tests.common.people import Person
from tests.common.served import ServedSite
from tests.common.surfer import (
    ACCOUNT,
    EMAILS,
    NOTICES,
    PROFILE,
    SESSIONS,
    OpenBrowser,
    Surfer,
)

EXPORT = "/manage/account/export/"
SECOND = "alice@example.net"


@pytest.fixture
def alice(site: ServedSite, user_with_totp: Person) -> Person:
    """Alice is logged in elsewhere, too."""
    site.visitor().log_in(user_with_totp)
    site.clock.advance(seconds=90)
    return user_with_totp


def sessions_of(site: ServedSite) -> int:
    number: int = site.value("SELECT count(*) FROM sessions")
    return number


def test_they_can_be_used_by_keyboard(surfer: Surfer, site: ServedSite, alice: Person) -> None:
    surfer.skip_login(site.visitor(), alice)
    keyboard = Keyboard(surfer.page)
    surfer.go(ACCOUNT)

    keyboard.activate("link", "Email addresses")
    surfer.arrives(EMAILS)
    keyboard.type("Email address", SECOND)
    keyboard.activate("button", "Add this address")
    surfer.expect_told("We have sent a mail to the new address")
    keyboard.activate("button", f"Remove : {SECOND}")
    surfer.expect_told("removed")
    keyboard.activate("link", "Sessions")
    surfer.arrives(SESSIONS)
    keyboard.activate("button", "End all other sessions")
    surfer.expect_told("ended")
    keyboard.activate("link", "Notices")
    surfer.arrives(NOTICES)
    keyboard.activate("button", "I have read them all")
    surfer.arrives(NOTICES)
    keyboard.activate("link", "Overview")
    keyboard.activate("link", "Change your profile")
    surfer.arrives(PROFILE)
    keyboard.type("Name (optional)", "Alice Liddell")
    keyboard.activate("button", "Save the profile")
    surfer.arrives(ACCOUNT)
    keyboard.activate("link", "What we keep about you")
    surfer.arrives(EXPORT)
    with surfer.page.expect_download() as download:
        keyboard.activate("button", "Download the file")

    exported = json.loads(download.value.path().read_text())
    assert exported["account"][0]["name"] == "Alice Liddell"
    assert [one["address"] for one in exported["email_addresses"]] == [alice.address]
    # The one that tells of this file.
    assert [one["read_at"] for one in exported["notices"]].count(None) == 1
    assert sessions_of(site) == 1


def test_they_can_be_used_without_script(
    open_browser: OpenBrowser, site: ServedSite, alice: Person
) -> None:
    surfer = open_browser(java_script_enabled=False)
    surfer.skip_login(site.visitor(), alice)

    surfer.go(EMAILS)
    surfer.fill("Email address", SECOND)
    surfer.press("Add this address")
    surfer.expect_told("We have sent a mail to the new address")
    surfer.go(SESSIONS)
    surfer.press("End all other sessions")
    surfer.go(NOTICES)
    surfer.press("I have read them all")
    expect(surfer.page.get_by_text("New", exact=True)).to_have_count(0)
    surfer.go(PROFILE)
    surfer.fill("Name (optional)", "Alice Liddell")
    surfer.press("Save the profile")
    surfer.arrives(ACCOUNT)
    surfer.go(EXPORT)
    with surfer.page.expect_download() as download:
        surfer.press("Download the file")

    exported = json.loads(download.value.path().read_text())
    assert exported["account"][0]["name"] == "Alice Liddell"
    assert [one["address"] for one in exported["email_addresses"]] == [alice.address, SECOND]
    assert sessions_of(site) == 1
