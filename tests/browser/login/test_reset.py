"""The way back of a forgotten password, in a real browser."""

from playwright.sync_api import expect

from tests.common.browser import VirtualAuthenticator
from tests.common.keyboard import Keyboard
from tests.common.people import Person
from tests.common.resetting import NEW, RESET, TASK
from tests.common.served import ServedSite
from tests.common.surfer import (
    ACCOUNT,
    CODE_PAGE,
    KEY_PAGE,
    LOG_IN,
    MAILBOX,
    OpenBrowser,
    Surfer,
)


def ask(surfer: Surfer, site: ServedSite, person: Person) -> None:
    """Ask for a link, and follow it out of the mailbox."""
    surfer.go(LOG_IN)
    surfer.follow("Forgot your password?")
    surfer.page.get_by_label("Username or email address").fill(person.address)
    surfer.press("Send me the link")
    surfer.arrives(LOG_IN)
    site.run_task(TASK)
    surfer.go(MAILBOX)
    mail = surfer.page.get_by_role("article").filter(has_text="asked for a new password").first
    mail.locator("pre a").first.click()
    surfer.arrives(RESET)


def fill_in(surfer: Surfer) -> None:
    surfer.page.get_by_label("New password").fill(NEW)
    surfer.page.get_by_label("Password again").fill(NEW)


def test_a_security_key_proves_who_resets(surfer: Surfer, site: ServedSite) -> None:
    bob = site.person("bob", key=True)
    VirtualAuthenticator.add(surfer.page).take_over(bob.key)

    ask(surfer, site, bob)
    fill_in(surfer)
    surfer.use_key()

    surfer.arrives(LOG_IN)
    expect(surfer.page.locator(".flash")).to_contain_text("Your password is changed.")
    bob.password = NEW
    surfer.give_password(bob)
    surfer.arrives(KEY_PAGE)
    surfer.use_key()
    surfer.arrives(ACCOUNT)


def test_a_password_that_is_refused_is_told_and_the_key_is_asked_again(
    surfer: Surfer, site: ServedSite
) -> None:
    bob = site.person("bob", key=True)
    VirtualAuthenticator.add(surfer.page).take_over(bob.key)
    ask(surfer, site, bob)
    surfer.page.get_by_label("New password").fill("password1")
    surfer.page.get_by_label("Password again").fill("password1")
    surfer.use_key()
    surfer.expect_outcome("one of the passwords that are tried first")

    fill_in(surfer)
    surfer.use_key()

    surfer.arrives(LOG_IN)
    assert "account:password:reset" in site.tags()


def test_it_can_be_done_without_script(
    open_browser: OpenBrowser, site: ServedSite, user_with_totp: Person
) -> None:
    surfer = open_browser(java_script_enabled=False)

    ask(surfer, site, user_with_totp)
    fill_in(surfer)
    surfer.page.get_by_label("Code").fill(user_with_totp.code())
    surfer.press("Change the password")

    surfer.arrives(LOG_IN)
    user_with_totp.password = NEW
    surfer.give_password(user_with_totp)
    surfer.arrives(CODE_PAGE)


def test_it_can_be_done_by_keyboard(
    surfer: Surfer, site: ServedSite, user_with_totp: Person
) -> None:
    keyboard = Keyboard(surfer.page)
    ask(surfer, site, user_with_totp)

    keyboard.type("New password", NEW)
    keyboard.type("Password again", NEW)
    keyboard.type("Code", user_with_totp.code())
    keyboard.activate("button", "Change the password")

    surfer.arrives(LOG_IN)
    assert "account:password:reset" in site.tags()
