"""Forms that are refused, and what helps while filling them in."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser import states
from tests.common.keyboard import Keyboard
from tests.common.people import PASSWORD
from tests.common.served import ServedSite
from tests.common.surfer import LOG_IN, REGISTER, OpenBrowser, ShareBrowser, Surfer

REFUSED = [
    (states.register_refused, ["email", "username", "new_password", "password_confirm"]),
    (states.login_without_anything, ["username", "password"]),
    (states.unverified_refused, ["email"]),
    (states.enroll_totp_refused, ["label", "totp_value"]),
    (states.give_code_refused, ["totp_value"]),
    (states.give_recovery_code_refused, ["recovery_code_value"]),
    (states.codes_refused, ["recovery_code_value"]),
    (states.step_up_refused, ["totp_value"]),
    (states.rename_refused, ["label"]),
    (states.password_refused, ["password", "new_password", "password_confirm"]),
    (states.address_refused, ["email"]),
    (states.request_reset_refused, ["username_or_email"]),
    (states.reset_refused, ["new_password", "password_confirm"]),
    (states.reset_with_code_refused, ["new_password", "password_confirm", "totp_value"]),
]


@pytest.mark.parametrize(("reach", "fields"), REFUSED, ids=[reach.__name__ for reach, _ in REFUSED])
def test_a_refused_form_says_what_is_wrong_and_leads_to_each_field(
    share_browser: ShareBrowser,
    site: ServedSite,
    reach: Callable[[Surfer, ServedSite], None],
    fields: list[str],
) -> None:
    surfer = share_browser()

    reach(surfer, site)

    summary = surfer.page.get_by_role("alert")
    expect(summary).to_be_focused()
    assert surfer.page.title().startswith("Error: ")
    links = summary.get_by_role("link")
    expect(links).to_have_count(len(fields))
    for number, name in enumerate(fields):
        links.nth(number).click()
        field = surfer.page.locator(f"main [name={name}]")
        expect(field).to_be_focused()
        expect(field).to_have_attribute("aria-invalid", "true")
        expect(field).to_have_accessible_description(re.compile("Error:"))


def test_a_wrong_password_is_said_of_no_field(surfer: Surfer, site: ServedSite) -> None:
    states.login_refused(surfer, site)

    summary = surfer.page.get_by_role("alert")
    expect(summary).to_be_focused()
    expect(summary).to_contain_text("The username or the password is not right.")
    expect(summary.get_by_role("link")).to_have_count(0)
    expect(surfer.page.get_by_label("Username or email address")).to_have_value("nobody")
    expect(surfer.page.get_by_label("Password", exact=True)).to_have_value("")


def test_the_focus_goes_to_what_is_wrong_without_script_too(
    open_browser: OpenBrowser, site: ServedSite
) -> None:
    surfer = open_browser(java_script_enabled=False)

    states.register_refused(surfer, site)

    expect(surfer.page.get_by_role("alert")).to_be_focused()


def test_a_password_can_be_shown_and_is_hidden_again_before_it_is_sent(surfer: Surfer) -> None:
    surfer.go(LOG_IN)
    password = surfer.page.get_by_label("Password", exact=True)
    password.fill(PASSWORD)

    surfer.page.get_by_role("button", name="Show the password").click()

    expect(password).to_have_attribute("type", "text")
    expect(surfer.page.get_by_role("button", name="Hide the password")).to_be_visible()
    surfer.page.evaluate(
        "document.forms['login-form'].addEventListener('submit', (event) => event.preventDefault())"
    )
    surfer.press("Log in")
    expect(password).to_have_attribute("type", "password")


def test_a_program_that_fills_in_the_hidden_field_is_refused(
    surfer: Surfer, site: ServedSite
) -> None:
    surfer.go(REGISTER)
    hidden = surfer.page.locator("[name=confirm_form]")
    expect(hidden).not_to_be_in_viewport()

    surfer.page.get_by_label("Username").fill("robot")
    hidden.evaluate("input => { input.value = 'robot'; }")
    surfer.press("Register")

    expect(surfer.page.get_by_role("alert")).to_contain_text("Leave this field empty.")
    assert site.value("SELECT count(*) FROM users") == 0


def test_the_first_stop_of_the_keyboard_skips_to_the_content(surfer: Surfer) -> None:
    surfer.go("/")

    Keyboard(surfer.page).activate("link", "Skip to the content")

    expect(surfer.page.locator("main")).to_be_focused()
