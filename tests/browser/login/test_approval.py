"""The browser that waits for an approval by mail goes on by itself."""

from tests.browser.states import waiting
from tests.common import approving
from tests.common.people import Person
from tests.common.served import ServedSite
from tests.common.surfer import ACCOUNT, Surfer


def test_it_goes_on_when_the_login_was_approved_elsewhere(site: ServedSite, surfer: Surfer) -> None:
    waiting(surfer, site)
    (link,) = approving.links(site, "alice@example.org")

    approving.approve(site.visitor(), link)

    surfer.page.wait_for_url(f"**{ACCOUNT}")


def test_it_goes_on_at_once_when_the_link_was_opened_here(
    site: ServedSite, surfer: Surfer, user_with_totp: Person
) -> None:
    visitor = site.visitor()
    link = approving.hold(site, visitor, user_with_totp)
    surfer.take_cookies(visitor)
    surfer.go(link)

    surfer.press("Approve this login")

    surfer.page.wait_for_url(f"**{ACCOUNT}")


def test_it_says_so_when_the_login_was_refused_elsewhere(site: ServedSite, surfer: Surfer) -> None:
    waiting(surfer, site)
    (link,) = approving.links(site, "alice@example.org")

    approving.refuse(site.visitor(), link)

    surfer.page.get_by_role("heading", name="This login was refused").wait_for()
