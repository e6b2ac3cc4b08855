"""Every page in every state: accessible in every color scheme, on a desk and on a phone."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.states import DEAD_LINK, STATES, State
from tests.common.browser import COLOR_RULES, axe_violations
from tests.common.keyboard import Keyboard
from tests.common.looks import NARROWEST, misfits, space_text
from tests.common.served import ServedSite
from tests.common.surfer import ShareBrowser

DESK = 1280
PHONE = 390
ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def look_at(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})


def violations_in_every_look(page: Page) -> list[str]:
    violations = []
    for width in (DESK, PHONE):
        look_at(page, width)
        violations += [f"{width} px: {found}" for found in axe_violations(page)]
    # Only the colors differ here, and all the other rules take four times as long.
    for look in ({"color_scheme": "dark"}, {"color_scheme": "light", "forced_colors": "active"}):
        page.emulate_media(**look)  # type: ignore[arg-type]
        violations += [f"{look}: {found}" for found in axe_violations(page, COLOR_RULES)]
    return violations


@pytest.mark.parametrize("state", STATES, ids=[state.reach.__name__ for state in STATES])
def test_page_is_accessible_and_fits_in_every_look(
    state: State, share_browser: ShareBrowser, site: ServedSite
) -> None:
    surfer = share_browser()

    state.reach(surfer, site)

    page = surfer.page
    expect(page).to_have_title(f"{state.title} · Package Index")
    page.wait_for_load_state()
    assert ID.sub("{id}", surfer.path) == state.path
    assert page.locator("html").get_attribute("lang") == "en"
    Keyboard(page).walk_through()
    violations = violations_in_every_look(page)
    page.emulate_media(color_scheme="light", forced_colors="none")
    violations += [f"{PHONE} px: {found}" for found in misfits(page)]
    look_at(page, NARROWEST)
    violations += [f"{NARROWEST} px: {found}" for found in misfits(page)]
    space_text(page)
    violations += [f"{NARROWEST} px, spaced: {found}" for found in misfits(page)]
    assert not violations, "\n".join(violations)


def test_pages_at_different_addresses_have_different_titles() -> None:
    paths = {title: {one.path for one in STATES if one.title == title} for _, title, _ in STATES}

    shared = {title: found for title, found in paths.items() if len(found) > 1}
    # It says what became of the link, not what is at its address.
    del shared[DEAD_LINK]

    assert shared == {}
