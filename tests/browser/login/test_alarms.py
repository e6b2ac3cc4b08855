"""What one does when something is wrong, to its end: by keyboard alone, and without script."""

from typing import Protocol

from tests.common import approving
from tests.common.keyboard import Keyboard
from tests.common.losing import CONFIRM_LOSS, LOST, STATEMENT, TASK
from tests.common.people import Person
from tests.common.saying import NOT_ME, REPAIR, not_me_link
from tests.common.served import ServedSite
from tests.common.surfer import ACCOUNT, CODE_PAGE, LOG_IN, PROFILE, OpenBrowser, Surfer


class Hands(Protocol):
    """How somebody uses a page."""

    def activate(self, role: str, name: str) -> None: ...

    def type(self, label: str, text: str) -> None: ...


class Mouse:
    """Clicks."""

    def __init__(self, surfer: Surfer) -> None:
        self._surfer = surfer

    def activate(self, role: str, name: str) -> None:
        if role == "button":
            self._surfer.press(name)
        else:
            self._surfer.follow(name)

    def type(self, label: str, text: str) -> None:
        self._surfer.fill(label, text)


def walk(hands: Hands, surfer: Surfer, site: ServedSite, alice: Person, wait: str) -> None:
    """Say that it was not oneself, repair, ask for help, approve a login, delete the account.

    `wait` is what a browser whose login was approved is at.
    """
    surfer.go(not_me_link(site, alice.address))
    surfer.arrives(NOT_ME)
    hands.activate("button", "This was not me")
    hands.activate("link", "Log in and make your account safe")
    surfer.arrives(LOG_IN)
    hands.type("Username or email address", alice.username)
    hands.type("Password", alice.password)
    hands.activate("button", "Log in")
    surfer.arrives(CODE_PAGE)
    hands.type("Code", alice.code())
    hands.activate("button", "Log in")
    surfer.arrives(REPAIR)
    hands.activate("button", "Everything is in order")
    surfer.arrives(ACCOUNT)

    surfer.go(LOST)
    hands.type("Username", alice.username)
    hands.type("Email address", "elsewhere@example.org")
    hands.type("What you can show", STATEMENT)
    hands.activate("button", "Ask for help")
    surfer.expect_told("If there is an account")
    site.run_task(TASK)
    surfer.go(site.mails(to="elsewhere@example.org")[-1].link)
    surfer.arrives(CONFIRM_LOSS)
    hands.activate("button", "Yes, this is my request")
    surfer.expect_text("look at it, and write to you")

    surfer.context.clear_cookies()
    visitor = site.visitor()
    link = approving.hold(site, visitor, alice)
    surfer.take_cookies(visitor)
    surfer.go(link)
    surfer.arrives(approving.CONFIRM)
    hands.activate("button", "Approve this login")
    if wait:
        hands.activate("button", wait)
    surfer.arrives(ACCOUNT)

    surfer.go(PROFILE)
    hands.activate("link", "Delete your account")
    hands.type("Your username", alice.username)
    hands.activate("button", "Go on")
    site.clock.advance(seconds=60)
    hands.type("Code", alice.code())
    hands.activate("button", "Delete my account")
    surfer.arrives("/")
    surfer.expect_told("Your account is deleted.")


def test_it_can_be_done_by_keyboard(
    surfer: Surfer, site: ServedSite, user_with_totp: Person
) -> None:
    site.visitor().log_in(user_with_totp)
    site.clock.advance(seconds=60)

    walk(Keyboard(surfer.page), surfer, site, user_with_totp, wait="")


def test_it_can_be_done_without_script(
    open_browser: OpenBrowser, site: ServedSite, user_with_totp: Person
) -> None:
    site.visitor().log_in(user_with_totp)
    site.clock.advance(seconds=60)
    surfer = open_browser(java_script_enabled=False)

    walk(Mouse(surfer), surfer, site, user_with_totp, wait="Go on")
