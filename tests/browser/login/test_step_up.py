"""Step-up in a real browser: in the middle of a form, and back to it."""

from playwright.sync_api import expect

from tests.common.browser import VirtualAuthenticator
from tests.common.people import Person
from tests.common.served import ServedSite
from tests.common.surfer import FACTORS, PASSWORD, Surfer
from tests.common.visitor import PROVISION_KEY, REAUTHENTICATE


def with_key(surfer: Surfer, site: ServedSite) -> Person:
    """Be logged in as Bob, whose key is plugged in."""
    bob = site.person("bob", key=True)
    surfer.skip_login(site.visitor(), bob)
    # With the counter that it has after the login.
    VirtualAuthenticator.add(surfer.page).take_over(bob.key)
    return bob


def test_a_form_is_filled_in_again_after_a_key_was_used_in_the_middle_of_it(
    surfer: Surfer, site: ServedSite
) -> None:
    with_key(surfer, site)
    surfer.go(FACTORS)
    surfer.follow_of("Key", "rename")
    path = surfer.path
    surfer.page.get_by_label("Name").fill("Blue key")
    site.clock.advance(minutes=31)
    surfer.press("Save this name")
    surfer.arrives(REAUTHENTICATE)

    surfer.use_key()

    surfer.arrives(path)
    expect(surfer.page.get_by_label("Name")).to_have_value("Blue key")
    surfer.press("Save this name")
    surfer.arrives(FACTORS)
    expect(surfer.page.locator(".credential-label")).to_have_text(["Blue key"])


def test_a_guarded_page_asks_first_and_follows(surfer: Surfer, site: ServedSite) -> None:
    with_key(surfer, site)
    site.clock.advance(minutes=31)
    surfer.go(PASSWORD)
    surfer.arrives(REAUTHENTICATE)

    surfer.use_key()

    surfer.arrives(PASSWORD)
    assert site.tags()[-1] == "account:step-up:completed"


def test_a_ceremony_that_needs_a_proof_first_leads_there_and_back(
    surfer: Surfer, site: ServedSite
) -> None:
    with_key(surfer, site)
    surfer.go(PROVISION_KEY)
    surfer.page.get_by_label("Name").fill("Spare key")
    site.clock.advance(minutes=31)

    surfer.press("Add this key")
    surfer.expect_outcome("Show again that it is you")
    surfer.follow("Go on")
    surfer.arrives(REAUTHENTICATE)
    surfer.use_key()

    surfer.arrives(PROVISION_KEY)
