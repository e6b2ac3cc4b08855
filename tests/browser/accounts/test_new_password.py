"""What the page says of a new password while it is typed. The server has the last word."""

import re

import pytest
from playwright.sync_api import Locator, expect

from tests.common.keyboard import Keyboard
from tests.common.people import PASSWORD
from tests.common.served import ServedSite
from tests.common.surfer import REGISTER, UNVERIFIED, OpenBrowser, Surfer

HINT = "At least 8 characters."
SHORT = "Use at least 8 characters. So far: {}."
LONG = "Use at most 4096 characters."
ABOUT = "Do not use your name, your address or the name of this site as password."
MOSTLY_ABOUT = "Little is left without your name, your address and the name of this site."
FEW = "It has few different characters, or a row such as abcd or 1234."
ENOUGH = "Long enough."

MISSING = {
    "five letters": ("kelp7", SHORT.format(5)),
    "letters beyond the first plane": ("🜁🜂🜃🜄", SHORT.format(4)),
    "a letter and its accent": ("e\u0301" * 7, SHORT.format(7)),
    "two ligatures of two letters": ("\ufb01" * 3, SHORT.format(6)),
    "blanks count": ("a b c d", SHORT.format(7)),
    "too many after normalization": ("\ufdfa" * 228, LONG),
    "the username": ("isaac.newton", ABOUT),
    "the username, shouted": ("ISAAC.NEWTON", ABOUT),
    "the username, wide": ("\uff49saac.newton", ABOUT),
    "the address": ("gravity.works@example.org", ABOUT),
    "the address without its domain": ("Gravity.Works", ABOUT),
    "the site": ("package index", ABOUT),
    "the host": ("localhost", ABOUT),
}
DOUBTFUL = {
    "the username and a number": ("isaac.newton2024", MOSTLY_ABOUT),
    "the address and a digit": ("7gravity.works", MOSTLY_ABOUT),
    "one letter": ("aaaaaaaaaaaa", FEW),
    "two letters": ("axaxaxaxaxax", FEW),
    "the alphabet": ("abcdefghijkl", FEW),
    "numbers backwards": ("987654321", FEW),
}


@pytest.fixture
def page_of(surfer: Surfer) -> Surfer:
    """Somebody who has filled in the form but for the password."""
    surfer.go(REGISTER)
    surfer.page.get_by_label("Email address").fill("gravity.works@example.org")
    surfer.page.get_by_label("Username").fill("isaac.newton")
    return surfer


def password_on(surfer: Surfer) -> Locator:
    return surfer.page.get_by_label("Password", exact=True)


def status_on(surfer: Surfer) -> Locator:
    return surfer.page.locator("[data-new-password-status]")


def send(surfer: Surfer, password: str) -> None:
    surfer.page.get_by_label("Password again").fill(password)
    surfer.press("Register")


@pytest.mark.parametrize(("password", "sentence"), MISSING.values(), ids=MISSING.keys())
def test_the_page_says_what_the_server_says(
    page_of: Surfer, site: ServedSite, password: str, sentence: str
) -> None:
    password_on(page_of).fill(password)
    page_of.expect_password_status(sentence)

    send(page_of, password)

    expect(page_of.page.get_by_role("alert")).to_contain_text(sentence.partition(" So far")[0])
    assert site.value("SELECT count(*) FROM users") == 0


@pytest.mark.parametrize(("password", "sentence"), DOUBTFUL.values(), ids=DOUBTFUL.keys())
def test_the_page_doubts_what_the_server_finds_easy_to_guess(
    page_of: Surfer, site: ServedSite, password: str, sentence: str
) -> None:
    password_on(page_of).fill(password)
    page_of.expect_password_status(sentence)

    send(page_of, password)

    expect(page_of.page.get_by_role("alert")).to_be_visible()
    assert site.value("SELECT count(*) FROM users") == 0


def test_a_good_password_is_long_enough_and_taken(page_of: Surfer) -> None:
    password_on(page_of).fill(PASSWORD)
    page_of.expect_password_status(ENOUGH)

    send(page_of, PASSWORD)

    page_of.arrives(UNVERIFIED)


@pytest.mark.parametrize(
    ("password", "sentence"),
    [("xoxxoxooxxxoxooxoxxoo", FEW), ("Package Index isaac.newton", MOSTLY_ABOUT)],
)
def test_what_the_page_doubts_the_server_may_take(
    page_of: Surfer, password: str, sentence: str
) -> None:
    password_on(page_of).fill(password)
    page_of.expect_password_status(sentence)

    send(page_of, password)

    page_of.arrives(UNVERIFIED)


def test_the_server_refuses_what_only_it_can_know(page_of: Surfer) -> None:
    password_on(page_of).fill("trustno1")
    page_of.expect_password_status(ENOUGH)

    send(page_of, "trustno1")

    expect(page_of.page.get_by_role("alert")).to_contain_text("passwords that are tried first")


def test_nothing_is_said_of_an_empty_field(page_of: Surfer) -> None:
    expect(status_on(page_of)).to_be_empty()
    password_on(page_of).fill("kelp")
    page_of.expect_password_status(SHORT.format(4))

    password_on(page_of).fill("")

    expect(status_on(page_of)).to_be_empty()


def test_a_name_that_is_typed_later_is_looked_for_too(page_of: Surfer) -> None:
    password_on(page_of).fill("robert.hooke")
    page_of.expect_password_status(ENOUGH)

    page_of.page.get_by_label("Username").fill("robert.hooke")

    page_of.expect_password_status(ABOUT)


def test_nothing_that_is_typed_leaves_the_page_or_stays_in_the_browser(page_of: Surfer) -> None:
    page_of.page.wait_for_load_state("networkidle")
    asked: list[str] = []
    page_of.page.on("request", lambda request: asked.append(request.url))

    password_on(page_of).press_sequentially(PASSWORD)
    page_of.expect_password_status(ENOUGH)

    assert asked == []
    assert page_of.page.evaluate("localStorage.length + sessionStorage.length") == 0
    assert PASSWORD not in page_of.page.content()


def test_the_keyboard_stays_in_the_field_and_a_screen_reader_is_told(surfer: Surfer) -> None:
    surfer.go(REGISTER)

    Keyboard(surfer.page).type("Password", "kelp")

    surfer.expect_password_status(SHORT.format(4))
    expect(password_on(surfer)).to_be_focused()
    expect(status_on(surfer)).to_have_attribute("aria-live", "polite")
    expect(password_on(surfer)).to_have_accessible_description(
        re.compile(rf"{re.escape(HINT)}.*So far: 4\.")
    )
    Keyboard(surfer.page).activate("button", "Show the password")
    expect(password_on(surfer)).to_have_attribute("type", "text")


def test_a_screen_reader_is_told_after_a_pause_and_not_of_every_key(surfer: Surfer) -> None:
    surfer.go(REGISTER)
    status_on(surfer).evaluate(
        """element => {
          window.told = [];
          new MutationObserver(() => told.push(element.textContent))
            .observe(element, { childList: true });
        }"""
    )

    password_on(surfer).press_sequentially("tundra kelp 7 marmots")
    surfer.expect_password_status(ENOUGH)

    told = surfer.page.evaluate("told")
    assert len(told) < 5
    assert told[-1].startswith(ENOUGH)


def test_without_script_the_hint_says_what_is_needed(open_browser: OpenBrowser) -> None:
    surfer = open_browser(java_script_enabled=False)
    surfer.go(REGISTER)

    expect(surfer.page.get_by_text(HINT)).to_be_visible()
    expect(status_on(surfer)).to_be_empty()
