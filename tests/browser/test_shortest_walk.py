"""From registration to a login with a key: no page, field or press more than `dev/walks.md` says."""

import re
from pathlib import Path

from playwright.sync_api import Locator, Response, expect

from tests.common.browser import VirtualAuthenticator
from tests.common.people import Person
from tests.common.served import ServedSite
from tests.common.surfer import ACCOUNT, LOG_IN, MAILBOX, REGISTER, Surfer

ROW = re.compile(r"^\| \d+ \| (?P<title>[^|]+) \| (?P<fields>\d+) \| (?P<presses>\d+) \|", re.M)
WALKS = Path("dev/walks.md")
# Chromium's virtual authenticator answers autofill at once, and is then busy when the key is asked.
NO_AUTOFILL = "PublicKeyCredential.isConditionalMediationAvailable = async () => false"


class Walk:
    """Counts what it costs somebody, page by page; where nothing is filled in, all is in view."""

    def __init__(self, surfer: Surfer) -> None:
        self._surfer = surfer
        self.pages: list[list[str | int]] = []
        surfer.page.on("response", self._arrived)

    def _arrived(self, response: Response) -> None:
        is_page = response.request.is_navigation_request() and response.status == 200
        if is_page and not response.url.endswith(MAILBOX):
            self.pages.append(["", 0, 0])

    def fill(self, label: str, text: str) -> None:
        self._surfer.fill(label, text)
        self.pages[-1][1] += 1  # type: ignore[operator]

    def press(self, name: str) -> None:
        self._press(self._surfer.button(name))

    def follow(self, name: str) -> None:
        self._press(self._surfer.page.locator("main").get_by_role("link", name=name, exact=True))

    def open_mail(self, person: Person) -> None:
        """Press the link in the mail; the mailbox stands for the program that shows it."""
        self._note()
        self._surfer.open_mailed_link(person)

    def _press(self, wanted: Locator) -> None:
        if self.pages[-1][1] == 0:
            expect(wanted).to_be_in_viewport(ratio=1)
        self._note()
        # Nobody presses a button before the page with its script is there.
        self._surfer.page.wait_for_load_state()
        wanted.click()

    def _note(self) -> None:
        self.pages[-1][0] = self._surfer.page.title().partition(" · ")[0]
        self.pages[-1][2] += 1  # type: ignore[operator]


def written() -> list[list[str | int]]:
    rows = ROW.finditer(WALKS.read_text(encoding="utf-8"))
    return [[row["title"].strip(), int(row["fields"]), int(row["presses"])] for row in rows]


def test_the_walk_from_registration_to_a_login_with_a_key_is_as_short_as_written(
    surfer: Surfer, site: ServedSite
) -> None:
    person = Person("newton", clock=site.clock)
    surfer.context.add_init_script(NO_AUTOFILL)
    VirtualAuthenticator.add(surfer.page)
    walk = Walk(surfer)

    surfer.go(REGISTER)
    walk.fill("Email address", person.address)
    walk.fill("Username", person.username)
    walk.fill("Password", person.password)
    walk.fill("Password again", person.password)
    walk.press("Register")
    walk.open_mail(person)
    walk.press("Verify this address")
    walk.follow("Add a security key")
    walk.press("Add this key")
    walk.press("Make recovery codes")
    code = surfer.page.locator(".codes code").first.inner_text()
    walk.fill("Recovery code", code)
    walk.press("Check this code")
    surfer.expect_told("Your recovery codes are kept.")
    # On another day.
    surfer.context.clear_cookies()
    walk.pages.pop()
    surfer.go(LOG_IN)
    walk.fill("Username or email address", person.username)
    walk.fill("Password", person.password)
    walk.press("Log in")
    walk.press("Use the key or passkey")
    surfer.arrives(ACCOUNT)

    walk.pages.pop()
    assert walk.pages == written()
    assert site.tags()[-1] == "account:login:completed"
