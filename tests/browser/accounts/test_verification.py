"""The mailed link, in the browser of whoever opens it."""

import pytest
from playwright.sync_api import expect

from tests.common.people import Person
from tests.common.served import ServedSite
from tests.common.surfer import ACCOUNT, FACTORS, LOG_IN, UNVERIFIED, VERIFY, OpenBrowser, Surfer

VERIFIED = "SELECT count(*) FROM emails WHERE verified_at IS NOT NULL"


@pytest.fixture
def newton(surfer: Surfer, site: ServedSite) -> Person:
    """Newton, who has just registered in this browser."""
    person = Person("newton", clock=site.clock)
    surfer.register(person)
    return person


def test_the_link_verifies_when_its_button_is_pressed_and_not_before(
    surfer: Surfer, newton: Person, site: ServedSite
) -> None:
    surfer.open_mailed_link(newton)
    assert site.value(VERIFIED) == 0

    surfer.press("Verify this address")

    surfer.arrives(FACTORS)
    surfer.expect_told("Your address is verified.")
    assert site.value(VERIFIED) == 1


def test_the_token_does_not_stay_in_the_address(surfer: Surfer, newton: Person) -> None:
    surfer.open_mailed_link(newton)

    assert surfer.page.url == f"{surfer.origin}{VERIFY}"


def test_a_double_click_verifies_once(surfer: Surfer, newton: Person, site: ServedSite) -> None:
    surfer.open_mailed_link(newton)

    with site.busy():
        surfer.press_twice("Verify this address")

    surfer.arrives(FACTORS)
    surfer.expect_told("Your address is verified.")
    assert site.value(VERIFIED) == 1


def test_whoever_did_not_register_can_take_the_address_away(
    surfer: Surfer, newton: Person, open_browser: OpenBrowser, site: ServedSite
) -> None:
    owner = open_browser()
    owner.open_mailed_link(newton)

    owner.press("This is not my account")

    expect(owner.page.get_by_role("heading", level=1)).to_have_text("The address is removed")
    assert site.value("SELECT count(*) FROM emails") == 0
    surfer.go(UNVERIFIED)
    expect(surfer.page.locator("main")).to_contain_text("Your account has no address any more.")


def test_in_another_browser_the_link_verifies_but_does_not_log_in(
    surfer: Surfer, newton: Person, open_browser: OpenBrowser, site: ServedSite
) -> None:
    other = open_browser()

    other.verify(newton)

    assert site.value(VERIFIED) == 1
    other.follow("Set up a second factor")
    other.arrives(LOG_IN)
    surfer.follow("I have verified it")
    surfer.arrives(FACTORS)


def test_a_used_link_leads_to_a_new_one(surfer: Surfer, newton: Person) -> None:
    surfer.verify(newton)

    surfer.page.goto(f"{surfer.origin}{VERIFY}?token={'a' * 22}")

    expect(surfer.page.get_by_role("heading", level=1)).to_have_text(
        "This link does not work any more"
    )
    surfer.follow("Get a new link")
    surfer.arrives(FACTORS)


def test_the_mail_can_be_sent_again(surfer: Surfer, newton: Person, site: ServedSite) -> None:
    surfer.press("Send the mail again")

    expect(surfer.page.get_by_role("status")).to_contain_text("it is on its way again")
    assert len(site.mails(to=newton.address)) == 2
    surfer.verify(newton)


def test_the_address_can_be_changed(surfer: Surfer, newton: Person, site: ServedSite) -> None:
    surfer.page.get_by_label("Email address").fill("isaac@example.org")

    surfer.press("Change the address")

    expect(surfer.page.locator("main")).to_contain_text("We sent a mail to isaac@example.org.")
    assert len(site.mails(to="isaac@example.org")) == 1


def test_without_a_verified_address_the_account_stays_closed(
    surfer: Surfer, newton: Person
) -> None:
    surfer.go(ACCOUNT)

    surfer.arrives(UNVERIFIED)
    expect(surfer.page.get_by_role("status")).to_contain_text("Verify your email address first.")
