"""Somebody in front of a real browser, and the ways people take."""

import re
from typing import Any, Protocol
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, Locator, Request, Response, ViewportSize, expect

from tests.common.browser import unplug_all
from tests.common.people import Person
from tests.common.sentences import sentences_in
from tests.common.visitor import PROVISION_KEY, PROVISION_TOTP, RECOVERY_CODES, Visitor

REGISTER = "/account/register/"
LOG_IN = "/account/login/"
ACCOUNT = "/manage/account/"
FACTORS = "/manage/account/two-factor/"
HISTORY = "/manage/account/history/"
PASSWORD = "/manage/account/password/"
PROFILE = "/manage/account/profile/"
NOTICES = "/manage/account/notices/"
SESSIONS = "/manage/account/sessions/"
EMAILS = "/manage/account/emails/"
DELETE = "/manage/account/delete/"
UNVERIFIED = "/manage/unverified-account/"
VERIFY = "/account/verify-email/"
CODE_PAGE = "/account/two-factor/"
KEY_PAGE = "/account/webauthn-authenticate/"
LOG_OUT = "/account/logout/"
MAILBOX = "/dev/mail/"

DESKTOP: ViewportSize = {"width": 1280, "height": 900}

# A page that is refused says so with its status, which Chromium reports as an error.
REFUSED = re.compile(r"Failed to load resource: the server responded with a status of 4\d\d ")
TELL_VIOLATIONS = """
addEventListener("securitypolicyviolation",
  (event) => console.error(`policy: ${event.effectiveDirective} ${event.blockedURI}`));
"""


class Surfer:
    """One context of the browser with one page. What it complains of is in `complaints`."""

    def __init__(self, context: BrowserContext, origin: str, language: str = "en") -> None:
        self.context = context
        self.origin = origin
        self._language = language
        self.complaints: list[str] = []
        self._tolerated: list[str] = []
        context.add_init_script(TELL_VIOLATIONS)
        context.on("console", lambda message: self._heard(message.type, message.text))
        context.on("weberror", lambda error: self._heard("error", str(error.error)))
        context.on("request", self._asked)
        context.on("response", self._answered)
        self.page = context.new_page()

    def tolerate(self, text: str) -> None:
        """Let the browser complain of what the test brings about."""
        self._tolerated.append(text)

    def leave(self) -> None:
        """Let somebody else sit down here, who finds nothing but what the browser caches."""
        unplug_all(self.page)
        self.context.clear_cookies()
        self.page.set_viewport_size(DESKTOP)
        self.page.emulate_media(color_scheme="light", forced_colors="none")
        self.complaints.clear()
        self._tolerated.clear()

    def _heard(self, kind: str, text: str) -> None:
        is_known = REFUSED.match(text) or self._is_tolerated(text)
        if kind in ("error", "warning") and not is_known:
            self.complaints.append(f"{kind}: {text}")

    def _is_tolerated(self, text: str) -> bool:
        return any(known in text for known in self._tolerated)

    def _asked(self, request: Request) -> None:
        if not request.url.startswith((f"{self.origin}/", "blob:")):
            self.complaints.append(f"{request.method} {request.url} leaves the site")

    def _answered(self, response: Response) -> None:
        complaint = f"{response.url} answered {response.status}"
        if response.status >= 500 and not self._is_tolerated(complaint):
            self.complaints.append(complaint)

    # Reading, in the language of the browser; a test says what it looks for in English

    def said(self, sentence: str) -> str:
        """Return how the site says that."""
        if self._language == "en":
            return sentence
        return sentences_in(self._language).whole(sentence)

    def said_in(self, part: str) -> str | re.Pattern[str]:
        """Return what finds a sentence by a part of it."""
        if self._language == "en":
            return part
        return sentences_in(self._language).part(part)

    def expect_told(self, part: str) -> None:
        """Expect that the page says so, of what was asked for last."""
        told = self.page.get_by_role("status").filter(has_text=self.said_in(part))
        expect(told).to_be_visible()

    def expect_refused(self, part: str) -> None:
        """Expect that the page says so, of what it did not do."""
        expect(self.page.get_by_role("alert")).to_contain_text(self.said_in(part))

    def expect_text(self, part: str) -> None:
        """Expect that the page says so somewhere."""
        expect(self.page.locator("main")).to_contain_text(self.said_in(part))

    # Finding the way

    @property
    def path(self) -> str:
        return urlsplit(self.page.url).path

    def go(self, path: str) -> None:
        self.page.goto(f"{self.origin}{path}")

    def press(self, name: str) -> None:
        """Press the one button of that name in the content, and wait for the page behind it."""
        self.button(name).click()

    def button(self, name: str) -> Locator:
        return self.page.locator("main").get_by_role("button", name=self.said(name), exact=True)

    def fill(self, label: str, text: str) -> None:
        """Fill in the one field of that label in the content."""
        self.page.locator("main").get_by_label(self.said(label), exact=True).fill(text)

    def press_twice(self, name: str) -> None:
        """Press a button again while the request of the first time is under way."""
        self.button(name).scroll_into_view_if_needed()
        box = self.button(name).bounding_box()
        assert box is not None, f"no button {name} in sight"
        middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        with self.page.expect_request(lambda request: request.method == "POST"):
            self.page.mouse.click(*middle)
        self.page.mouse.click(*middle)

    def follow(self, name: str) -> None:
        self.page.locator("main").get_by_role("link", name=self.said(name), exact=True).click()

    def follow_of(self, label: str, act: str) -> None:
        """Follow the link of one credential to "rename" or "delete", as the list of factors has it."""
        row = self.page.locator(".credentials li", has=self.page.get_by_text(label, exact=True))
        row.locator(f"a[href$='/{act}']").click()

    def arrives(self, path: str) -> None:
        """Wait until the browser is there."""
        expect(self.page).to_have_url(re.compile(rf"^{re.escape(self.origin + path)}($|\?)"))

    def arrives_after_adding(self) -> None:
        """Wait until a factor is added: without recovery codes the way leads to them."""
        expect(self.page).to_have_url(
            re.compile(rf"^{re.escape(self.origin)}({FACTORS}|{RECOVERY_CODES})$")
        )

    def expect_outcome(self, sentence: str) -> None:
        """Expect that the ceremony ended with `sentence`, and that the focus is there."""
        status = self.page.locator("[data-webauthn-status][data-state=failed]")
        expect(status).to_contain_text(self.said_in(sentence))
        expect(status).to_be_focused()

    def expect_waiting(self) -> None:
        """Expect that the page waits for a key to be touched."""
        self.expect_status("Touch it")

    def expect_status(self, sentence: str) -> None:
        """Expect that the page says this of a ceremony that goes on."""
        status = self.page.locator("[data-webauthn-status]")
        expect(status).to_contain_text(self.said_in(sentence))

    def expect_password_status(self, sentence: str) -> None:
        """Expect that the page says this of the new password."""
        status = self.page.locator("[data-new-password-status]")
        expect(status).to_contain_text(self.said_in(sentence))

    # Ways in that leave out the pages

    def take_cookies(self, visitor: Visitor) -> None:
        """Go on where somebody without a screen stopped."""
        self.context.add_cookies(
            [
                {"name": one.name, "value": one.value, "url": self.origin}
                for one in visitor.cookiejar
            ]
        )

    def skip_login(self, visitor: Visitor, person: Person) -> None:
        """Be logged in, fully if `person` has a factor."""
        if person.codes or person.key.credentials:
            visitor.log_in(person)
        else:
            visitor.give_password(person)
        self.take_cookies(visitor)

    def skip_password(self, visitor: Visitor, person: Person) -> None:
        """Have given the password of `person`, and owe a factor."""
        visitor.give_password(person)
        self.take_cookies(visitor)

    # What people do

    def register(self, person: Person) -> None:
        self.go(REGISTER)
        self.fill("Email address", person.address)
        self.fill("Username", person.username)
        self.fill("Password", person.password)
        self.fill("Password again", person.password)
        self.press("Register")
        self.arrives(UNVERIFIED)

    def open_mailed_link(self, person: Person) -> None:
        """Click the link in the newest mail to `person`, in the mailbox."""
        self.go(MAILBOX)
        mail = self.page.get_by_role("article").filter(has_text=person.address).first
        mail.locator("pre a").first.click()
        self.arrives(VERIFY)

    def verify(self, person: Person) -> None:
        self.open_mailed_link(person)
        self.press("Verify this address")
        self.expect_text("Your address is verified")

    def read_totp_key(self) -> str:
        """Return the key that the page of the authenticator app shows."""
        return self.page.locator(".secret bdi").inner_text().replace(" ", "")

    def enroll_totp(self, person: Person, label: str = "Phone") -> None:
        self.go(PROVISION_TOTP)
        person.codes.append(self.read_totp_key())
        self.fill("Name", label)
        self.fill("Code", person.code(application=-1))
        self.press("Add this app")
        self.arrives_after_adding()

    def register_key(self, label: str = "Key") -> None:
        """Register whatever authenticator is plugged in."""
        self.go(PROVISION_KEY)
        self.fill("Name", label)
        self.press("Add this key")
        self.arrives_after_adding()

    def make_recovery_codes(self, person: Person) -> None:
        """Make codes, and keep what the page shows."""
        self.go(RECOVERY_CODES)
        self.press("Make recovery codes")
        codes = self.page.locator(".codes code")
        expect(codes).to_have_count(8)
        person.recovery_codes[:] = codes.all_inner_texts()

    def keep_recovery_codes(self, person: Person) -> None:
        """Make codes, and show that they are kept by using one up."""
        self.make_recovery_codes(person)
        self.fill("Recovery code", person.recovery_codes.pop())
        self.press("Check this code")
        self.expect_told("Your recovery codes are kept.")

    def give_password(self, person: Person) -> None:
        self.go(LOG_IN)
        self.fill("Username or email address", person.username)
        self.fill("Password", person.password)
        self.press("Log in")

    def give_code(self, code: str) -> None:
        self.fill("Code", code)
        self.press("Log in")

    def use_passkey(self) -> None:
        self.press("Log in with a passkey")

    def use_key(self) -> None:
        self.press("Use the key or passkey")

    def log_out(self) -> None:
        banner = self.page.get_by_role("banner")
        banner.get_by_role("button", name=self.said("Log out")).click()
        self.arrives("/")


class ShareBrowser(Protocol):
    """Lends the browser that all tests of a language share, to somebody who has not been here before."""

    def __call__(self, language: str = ...) -> Surfer: ...


class OpenBrowser(Protocol):
    """Opens a browser of somebody who has not been here before."""

    def __call__(self, origin: str = ..., **options: Any) -> Surfer: ...
