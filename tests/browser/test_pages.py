"""Every page in every state: accessible in both color schemes, on a desk and on a phone."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.states import DEAD_LINK, STATES, State
from tests.common.browser import axe_violations
from tests.common.served import ServedSite
from tests.common.surfer import OpenBrowser

WIDTHS = (1280, 360)
ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
NARROWEST = 320  # WCAG 2.2, 1.4.10
STICKING_OUT = """() => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return [];
  return [...document.querySelectorAll("body *")]
    .filter((element) => element.getBoundingClientRect().right > width)
    .map((element) => `${element.tagName} ${element.className}`);
}"""


def violations_in_every_look(page: Page) -> list[str]:
    violations = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            violations += [f"{scheme}, {width} px: {found}" for found in axe_violations(page)]
    return violations


@pytest.mark.parametrize("state", STATES, ids=[state.reach.__name__ for state in STATES])
def test_page_is_accessible_and_fits_in_every_look(
    state: State, open_browser: OpenBrowser, site: ServedSite
) -> None:
    # Without the fading of colors, which axe would measure half-way.
    surfer = open_browser(reduced_motion="reduce")

    state.reach(surfer, site)

    expect(surfer.page).to_have_title(f"{state.title} · Package Index")
    surfer.page.wait_for_load_state()
    assert ID.sub("{id}", surfer.path) == state.path
    assert surfer.page.locator("html").get_attribute("lang") == "en"
    violations = violations_in_every_look(surfer.page)
    assert not violations, "\n".join(violations)
    surfer.page.set_viewport_size({"width": NARROWEST, "height": 800})
    assert surfer.page.evaluate(STICKING_OUT) == []


def test_pages_at_different_addresses_have_different_titles() -> None:
    paths = {title: {one.path for one in STATES if one.title == title} for _, title, _ in STATES}

    shared = {title: found for title, found in paths.items() if len(found) > 1}
    # It says what became of the link, not what is at its address.
    del shared[DEAD_LINK]

    assert shared == {}
