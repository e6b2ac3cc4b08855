"""Every limit of time has a way on, and what was typed before it is asked for only if it is secret."""

from playwright.sync_api import expect

from tests.common.browser import VirtualAuthenticator
from tests.common.people import Person
from tests.common.served import ServedSite
from tests.common.surfer import ACCOUNT, CODE_PAGE, FACTORS, HISTORY, KEY_PAGE, LOG_IN, Surfer
from tests.common.visitor import PROVISION_KEY, PROVISION_TOTP


def test_a_code_that_comes_too_late_leads_to_the_login_with_the_name_and_the_way(
    surfer: Surfer, site: ServedSite, user_with_totp: Person
) -> None:
    surfer.go(HISTORY)
    surfer.arrives(LOG_IN)
    surfer.fill("Username or email address", user_with_totp.username)
    surfer.fill("Password", user_with_totp.password)
    surfer.press("Log in")
    surfer.arrives(CODE_PAGE)
    site.clock.advance(minutes=6)

    surfer.give_code(user_with_totp.code())

    surfer.arrives(LOG_IN)
    surfer.expect_told("This login took too long")
    name = surfer.page.get_by_label("Username or email address")
    expect(name).to_have_value(user_with_totp.username)
    surfer.fill("Password", user_with_totp.password)
    surfer.press("Log in")
    surfer.give_code(user_with_totp.code())
    surfer.arrives(HISTORY)


def test_the_page_of_a_key_may_stay_open_as_long_as_the_login(
    surfer: Surfer, site: ServedSite
) -> None:
    bob = site.person("bob", key=True)
    VirtualAuthenticator.add(surfer.page).take_over(bob.key)
    surfer.skip_password(site.visitor(), bob)
    surfer.go(KEY_PAGE)
    site.clock.advance(minutes=4, seconds=50)

    surfer.use_key()

    surfer.arrives(ACCOUNT)


def test_the_page_that_adds_a_key_asks_for_another_challenge_each_time(
    surfer: Surfer, site: ServedSite, user_without_factor: Person
) -> None:
    surfer.skip_login(site.visitor(), user_without_factor)
    surfer.go(PROVISION_KEY)
    key = VirtualAuthenticator.add(surfer.page, presence=False)
    surfer.press("Add this key")
    surfer.expect_waiting()
    site.clock.advance(minutes=30)
    key.set_presence(True)

    surfer.press("Add this key")

    surfer.arrives_after_adding()


def test_a_key_of_an_app_that_is_too_old_is_replaced_on_the_spot(
    surfer: Surfer, site: ServedSite, user_without_factor: Person
) -> None:
    surfer.skip_login(site.visitor(), user_without_factor)
    surfer.go(PROVISION_TOTP)
    old = surfer.read_totp_key()
    site.clock.advance(minutes=11)
    surfer.fill("Code", "123456")

    surfer.press("Add this app")

    surfer.expect_told("The setup key was too old. Here is a new one")
    assert surfer.read_totp_key() != old


def test_a_session_that_ended_in_the_middle_of_a_form_leads_back_to_its_page(
    surfer: Surfer, site: ServedSite, user_with_totp: Person
) -> None:
    surfer.skip_login(site.visitor(), user_with_totp)
    surfer.go(FACTORS)
    surfer.follow_of("Phone", "rename")
    path = surfer.path
    surfer.fill("Name", "Old phone")
    site.clock.advance(hours=2)

    surfer.press("Save this name")
    surfer.follow("Load the page again")

    surfer.arrives(LOG_IN)
    surfer.fill("Username or email address", user_with_totp.username)
    surfer.fill("Password", user_with_totp.password)
    surfer.press("Log in")
    surfer.give_code(user_with_totp.code())
    surfer.arrives(path)
