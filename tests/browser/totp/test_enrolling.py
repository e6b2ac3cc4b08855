"""The page that sets up an authenticator app, reloaded, left and opened twice."""

import pytest
from playwright.sync_api import expect

from tests.common.people import Person
from tests.common.served import ServedSite
from tests.common.surfer import Surfer
from tests.common.visitor import PROVISION_TOTP

APPLICATIONS = "SELECT count(*) FROM totp_applications"


@pytest.fixture
def newcomer(surfer: Surfer, site: ServedSite, user_without_factor: Person) -> Surfer:
    """Dave, logged in with his password, before the page that sets up an app."""
    surfer.skip_login(site.visitor(), user_without_factor)
    surfer.go(PROVISION_TOTP)
    return surfer


def test_the_image_shows_and_the_link_holds_the_key_of_the_page(newcomer: Surfer) -> None:
    image = newcomer.page.get_by_role("img", name="QR code")
    link = newcomer.page.get_by_role("link", name="Open in an authenticator app on this device")

    assert image.evaluate("image => image.complete && image.naturalWidth") > 0
    address = link.get_attribute("href") or ""
    assert address.startswith("otpauth://totp/")
    assert f"secret={newcomer.read_totp_key()}" in address


def test_a_reload_keeps_the_key(newcomer: Surfer) -> None:
    key = newcomer.read_totp_key()

    newcomer.page.reload()

    assert newcomer.read_totp_key() == key


def test_a_wrong_code_keeps_the_key_and_the_name(
    newcomer: Surfer, user_without_factor: Person, site: ServedSite
) -> None:
    key = newcomer.read_totp_key()
    user_without_factor.codes.append(key)
    newcomer.page.get_by_label("Name", exact=True).fill("Phone")
    newcomer.page.get_by_label("Code").fill(user_without_factor.wrong_code())

    newcomer.press("Add this app")

    expect(newcomer.page.get_by_role("alert")).to_contain_text(
        "This is not a code of this setup key."
    )
    assert newcomer.read_totp_key() == key
    expect(newcomer.page.get_by_label("Name", exact=True)).to_have_value("Phone")
    expect(newcomer.page.get_by_label("Code")).to_have_value("")
    assert site.value(APPLICATIONS) == 0


def test_a_new_key_takes_the_place_of_the_old_one(
    newcomer: Surfer, user_without_factor: Person, site: ServedSite
) -> None:
    old = newcomer.read_totp_key()

    newcomer.press("Make a new setup key")

    expect(newcomer.page.locator(".secret")).not_to_contain_text(old[:4])
    user_without_factor.codes.append(old)
    newcomer.page.get_by_label("Code").fill(user_without_factor.code())
    newcomer.press("Add this app")
    expect(newcomer.page.get_by_role("alert")).to_contain_text(
        "This is not a code of this setup key."
    )
    assert site.value(APPLICATIONS) == 0


def test_two_tabs_show_one_key_and_the_second_does_not_add_it_again(
    newcomer: Surfer, user_without_factor: Person, site: ServedSite
) -> None:
    first, second = newcomer.page, newcomer.context.new_page()
    second.goto(first.url)
    assert second.locator(".secret").inner_text() == first.locator(".secret").inner_text()
    user_without_factor.codes.append(newcomer.read_totp_key())
    first.get_by_label("Code").fill(user_without_factor.code())
    newcomer.press("Add this app")
    newcomer.arrives_after_adding()

    second.get_by_label("Code").fill(user_without_factor.code(steps=1))
    second.get_by_role("button", name="Add this app").click()

    expect(second.get_by_role("status")).to_contain_text("Here is a new one")
    assert site.value(APPLICATIONS) == 1


def test_a_double_click_adds_one_app(
    newcomer: Surfer, user_without_factor: Person, site: ServedSite
) -> None:
    user_without_factor.codes.append(newcomer.read_totp_key())
    newcomer.page.get_by_label("Code").fill(user_without_factor.code())

    with site.busy():
        newcomer.press_twice("Add this app")

    newcomer.arrives_after_adding()
    expect(newcomer.page.get_by_role("status")).to_contain_text("is set up")
    assert site.value(APPLICATIONS) == 1
