"""A phone is lost: a recovery code, another app, and the old one removed; by keyboard."""

from playwright.sync_api import expect

from tests.common.keyboard import Keyboard
from tests.common.people import Person
from tests.common.served import ServedSite
from tests.common.surfer import ACCOUNT, CODE_PAGE, FACTORS, LOG_IN, Surfer
from tests.common.visitor import PROVISION_TOTP, RECOVERY_CODE


def test_a_lost_phone_is_replaced(surfer: Surfer, site: ServedSite, user_with_totp: Person) -> None:
    before = site.visitor()
    before.log_in(user_with_totp)
    before.make_recovery_codes(user_with_totp)
    keyboard = Keyboard(surfer.page)

    surfer.go(LOG_IN)
    keyboard.type("Username or email address", user_with_totp.username)
    keyboard.type("Password", user_with_totp.password)
    surfer.page.keyboard.press("Enter")
    surfer.arrives(CODE_PAGE)
    keyboard.activate("link", "Recovery code")
    surfer.arrives(RECOVERY_CODE)
    keyboard.type("Recovery code", user_with_totp.recovery_codes[0])
    keyboard.activate("button", "Log in")
    surfer.arrives(ACCOUNT)
    surfer.go(PROVISION_TOTP)
    user_with_totp.codes.append(surfer.read_totp_key())
    surfer.page.get_by_label("Name", exact=True).fill("New phone")
    keyboard.type("Code", user_with_totp.code(application=-1))
    keyboard.activate("button", "Add this app")
    surfer.arrives(FACTORS)
    surfer.follow_of("Phone", "delete")
    keyboard.activate("button", "Remove it")

    surfer.arrives(FACTORS)
    expect(surfer.page.locator(".credential-label")).to_have_text(["New phone"])
    assert "account:factor:removed" in site.tags()
