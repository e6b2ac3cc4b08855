"""Logging in and out with several tabs, the back button, and a session that ends."""

from playwright.sync_api import expect

from tests.common.people import Person
from tests.common.served import ServedSite
from tests.common.surfer import ACCOUNT, CODE_PAGE, FACTORS, LOG_IN, Surfer
from tests.common.visitor import PROVISION_TOTP


def test_after_logging_out_the_back_button_shows_nothing(
    surfer: Surfer, user_with_totp: Person, site: ServedSite
) -> None:
    surfer.skip_login(site.visitor(), user_with_totp)
    surfer.go(ACCOUNT)
    surfer.log_out()

    surfer.page.go_back()

    surfer.arrives(LOG_IN)
    expect(surfer.page.locator("body")).not_to_contain_text(user_with_totp.address)


def test_a_login_in_another_tab_makes_the_first_tab_go_on(
    surfer: Surfer, user_with_totp: Person, site: ServedSite
) -> None:
    surfer.go(LOG_IN)
    surfer.skip_login(site.visitor(), user_with_totp)

    surfer.page.reload()

    surfer.arrives(ACCOUNT)


def test_a_form_from_before_the_login_is_refused_with_a_page(
    surfer: Surfer, user_with_totp: Person, site: ServedSite
) -> None:
    surfer.go(LOG_IN)
    surfer.page.get_by_label("Username or email address").fill("somebody")
    surfer.page.get_by_label("Password", exact=True).fill("something")
    surfer.skip_login(site.visitor(), user_with_totp)

    surfer.press("Log in")

    expect(surfer.page.locator("main")).to_contain_text("Load the page again, and try once more.")


def test_a_tab_from_before_a_factor_was_added_still_works(
    surfer: Surfer, user_without_factor: Person, site: ServedSite
) -> None:
    surfer.skip_login(site.visitor(), user_without_factor)
    surfer.go(FACTORS)
    other = surfer.context.new_page()
    other.goto(f"{surfer.origin}{PROVISION_TOTP}")
    user_without_factor.codes.append(other.locator(".secret bdi").inner_text().replace(" ", ""))
    other.get_by_label("Code").fill(user_without_factor.code())
    other.get_by_role("button", name="Add this app").click()
    expect(other.get_by_role("status")).to_contain_text("is set up")

    surfer.log_out()

    expect(surfer.page.get_by_role("status")).to_contain_text("You are logged out.")


def test_logging_out_in_one_tab_logs_out_the_other(
    surfer: Surfer, user_with_totp: Person, site: ServedSite
) -> None:
    surfer.skip_login(site.visitor(), user_with_totp)
    surfer.go(ACCOUNT)
    other = surfer.context.new_page()
    other.goto(surfer.page.url)
    surfer.log_out()

    other.get_by_role("link", name="Second factors").click()

    expect(other.get_by_role("heading", level=1)).to_have_text("Log in")


def test_the_login_leads_back_to_the_page_that_was_wanted(
    surfer: Surfer, user_with_totp: Person
) -> None:
    surfer.go(FACTORS)
    surfer.arrives(LOG_IN)
    surfer.page.get_by_label("Username or email address").fill(user_with_totp.username)
    surfer.page.get_by_label("Password", exact=True).fill(user_with_totp.password)
    surfer.press("Log in")
    surfer.arrives(CODE_PAGE)

    surfer.give_code(user_with_totp.code())

    surfer.arrives(FACTORS)


def test_a_double_click_on_a_code_logs_in_once(
    surfer: Surfer, user_with_totp: Person, site: ServedSite
) -> None:
    surfer.skip_password(site.visitor(), user_with_totp)
    surfer.go(CODE_PAGE)
    surfer.page.get_by_label("Code").fill(user_with_totp.code())

    with site.busy():
        surfer.press_twice("Log in")

    surfer.arrives(ACCOUNT)
    assert site.tags().count("account:login:completed") == 1
