"""Pages in other languages: accessible, and no longer than there is room, from either side."""

import pytest

from tests.browser.states import STATES, State, one_of_each_page
from tests.common.browser import axe_violations
from tests.common.looks import NARROWEST, misfits
from tests.common.served import ServedSite
from tests.common.surfer import ShareBrowser
from warehouse_mfa.i18n import direction_of

# Arabic turns every page around; French only has longer words.
TO_LOOK_AT = [("ar", state) for state in STATES]
TO_LOOK_AT += [("fr", state) for state in one_of_each_page()]


@pytest.mark.parametrize(
    ("language", "state"),
    TO_LOOK_AT,
    ids=[f"{language}-{state.reach.__name__}" for language, state in TO_LOOK_AT],
)
def test_page_is_accessible_and_fits_in_another_language(
    language: str, state: State, share_browser: ShareBrowser, site: ServedSite
) -> None:
    surfer = share_browser(language)

    state.reach(surfer, site)

    page = surfer.page
    page.wait_for_load_state()
    html = page.locator("html")
    assert html.get_attribute("lang") == language
    assert html.get_attribute("dir") == direction_of(language)
    is_refused = state.title.startswith("Error: ")
    assert page.title().startswith(surfer.said("Error:")) == is_refused
    violations = axe_violations(page)
    page.set_viewport_size({"width": NARROWEST, "height": 800})
    violations += misfits(page)
    assert not violations, "\n".join(violations)
