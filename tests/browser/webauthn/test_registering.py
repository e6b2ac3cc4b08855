"""Adding a security key with a real browser: what the page says when it does not work."""

import pytest
from playwright.sync_api import expect

from tests.common.browser import VirtualAuthenticator
from tests.common.people import Person
from tests.common.served import ServedSite
from tests.common.surfer import FACTORS, LOG_IN, OpenBrowser, Surfer
from tests.common.visitor import PROVISION_KEY

PROTOCOLS = ("u2f", "ctap2", "ctap2_1")
# The last words stand there only until the next page comes.
KEEP_WHAT_IS_TOLD = """() => {
  sessionStorage.told = "";
  const status = document.querySelector("[data-webauthn-status]");
  const keep = () => { sessionStorage.told += `${status.textContent}|`; };
  new MutationObserver(keep).observe(status, { childList: true });
}"""


@pytest.fixture
def newcomer(surfer: Surfer, site: ServedSite, user_without_factor: Person) -> Surfer:
    """Dave, logged in with his password, before the page that adds a key."""
    surfer.skip_login(site.visitor(), user_without_factor)
    surfer.go(PROVISION_KEY)
    surfer.page.get_by_label("Name").fill("Blue key")
    return surfer


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_key_of_either_generation_is_added(
    newcomer: Surfer, site: ServedSite, protocol: str
) -> None:
    VirtualAuthenticator.add(newcomer.page, protocol=protocol)

    newcomer.press("Add this key")

    newcomer.arrives_after_adding()
    expect(newcomer.page.get_by_role("status")).to_contain_text("Your security key is registered.")
    assert site.value("SELECT label FROM webauthn_credentials") == "Blue key"


def test_waiting_checking_and_success_are_told_one_after_another(newcomer: Surfer) -> None:
    VirtualAuthenticator.add(newcomer.page)
    newcomer.page.evaluate(KEEP_WHAT_IS_TOLD)

    newcomer.press("Add this key")

    newcomer.arrives_after_adding()
    assert newcomer.page.evaluate("sessionStorage.told.split('|')") == [
        "Waiting for your security key. Touch it when it blinks.",
        "Checking the answer of your security key.",
        "Your security key was accepted.",
        "",
    ]


def test_a_key_without_a_name_is_not_asked(newcomer: Surfer, site: ServedSite) -> None:
    key = VirtualAuthenticator.add(newcomer.page)
    name = newcomer.page.get_by_label("Name")
    name.fill("")

    newcomer.press("Add this key")

    expect(name).to_be_focused()
    assert name.evaluate("input => input.validity.valueMissing")
    assert key.credentials() == []
    assert site.value("SELECT count(*) FROM webauthn_credentials") == 0


def test_a_key_that_is_known_says_so(newcomer: Surfer, site: ServedSite) -> None:
    VirtualAuthenticator.add(newcomer.page)
    newcomer.press("Add this key")
    newcomer.arrives_after_adding()
    newcomer.go(PROVISION_KEY)
    newcomer.page.get_by_label("Name").fill("The same key")

    newcomer.press("Add this key")

    newcomer.expect_outcome("This key is already on your account.")
    assert site.value("SELECT count(*) FROM webauthn_credentials") == 1


def test_a_name_that_is_taken_can_be_changed_and_tried_again(
    newcomer: Surfer, site: ServedSite
) -> None:
    first = VirtualAuthenticator.add(newcomer.page)
    newcomer.press("Add this key")
    newcomer.arrives_after_adding()
    first.remove()
    VirtualAuthenticator.add(newcomer.page)
    newcomer.go(PROVISION_KEY)
    newcomer.page.get_by_label("Name").fill("BLUE KEY")
    newcomer.press("Add this key")
    newcomer.expect_outcome("You have another security key with this name.")

    newcomer.page.get_by_label("Name").fill("Red key")
    newcomer.press("Add this key")

    newcomer.arrives_after_adding()
    assert site.value("SELECT count(*) FROM webauthn_credentials") == 2


def test_a_session_that_ended_meanwhile_leads_to_the_login_and_back(
    newcomer: Surfer, site: ServedSite, user_without_factor: Person
) -> None:
    VirtualAuthenticator.add(newcomer.page)
    site.change("DELETE FROM sessions")

    newcomer.press("Add this key")

    newcomer.expect_outcome("Log in first.")
    newcomer.follow("Go on")
    newcomer.arrives(LOG_IN)
    newcomer.page.get_by_label("Username or email address").fill(user_without_factor.username)
    newcomer.page.get_by_label("Password", exact=True).fill(user_without_factor.password)
    newcomer.press("Log in")
    newcomer.arrives(PROVISION_KEY)


def test_a_browser_without_script_is_told_what_to_do(
    open_browser: OpenBrowser, site: ServedSite, user_without_factor: Person
) -> None:
    surfer = open_browser(java_script_enabled=False)
    surfer.skip_login(site.visitor(), user_without_factor)
    surfer.go(PROVISION_KEY)
    # Not by the text of the page: Playwright leaves out what stands in `noscript`.
    expect(surfer.page.locator("noscript p")).to_be_visible()
    expect(surfer.page.locator("noscript p")).to_contain_text("a security key needs JavaScript")
    expect(surfer.button("Add this key")).not_to_be_visible()

    surfer.follow("Choose another second factor")
    surfer.arrives(FACTORS)


def test_a_browser_that_knows_no_keys_says_so(
    open_browser: OpenBrowser, site: ServedSite, user_without_factor: Person
) -> None:
    surfer = open_browser()
    surfer.context.add_init_script("delete window.PublicKeyCredential")
    surfer.skip_login(site.visitor(), user_without_factor)

    surfer.go(PROVISION_KEY)

    status = surfer.page.locator("[data-webauthn-status]")
    expect(status).to_contain_text("This browser cannot use security keys here.")
    surfer.page.get_by_label("Name").fill("Blue key")
    surfer.press("Add this key")
    surfer.expect_outcome("This browser cannot use security keys here.")
