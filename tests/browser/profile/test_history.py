"""The security history: a table on a desk, a list on a phone, the same to a screen reader."""

import pytest
from playwright.sync_api import expect

from tests.browser import states
from tests.common.keyboard import Keyboard
from tests.common.people import Person
from tests.common.served import ServedSite
from tests.common.surfer import HISTORY, Surfer


@pytest.mark.parametrize("width", [1280, 800, 360])
def test_it_is_a_table_to_a_screen_reader_at_every_width(
    surfer: Surfer, site: ServedSite, user_with_totp: Person, width: int
) -> None:
    surfer.skip_login(site.visitor(), user_with_totp)
    surfer.page.set_viewport_size({"width": width, "height": 800})

    surfer.go(HISTORY)

    newest = surfer.page.get_by_role("table").get_by_role("row").nth(1)
    expect(newest.get_by_role("cell")).to_have_count(4)
    expect(newest.get_by_role("cell").first).to_contain_text("You logged in with a code")
    expect(surfer.page.get_by_role("columnheader", name="From where")).to_have_count(1)


def test_a_phone_shows_one_fact_below_the_other(
    surfer: Surfer, site: ServedSite, user_with_totp: Person
) -> None:
    surfer.skip_login(site.visitor(), user_with_totp)
    surfer.page.set_viewport_size({"width": 360, "height": 800})

    surfer.go(HISTORY)

    boxes = [
        cell.bounding_box() for cell in surfer.page.locator("tbody tr").first.locator("td").all()
    ]
    tops = [box["y"] for box in boxes if box]
    assert tops == sorted(set(tops))
    assert len(tops) == 4


def test_the_keyboard_leads_to_older_events_and_back(surfer: Surfer, site: ServedSite) -> None:
    states.history(surfer, site)

    Keyboard(surfer.page).activate("link", "Older")
    expect(surfer.page.get_by_role("table")).to_contain_text("was registered.")
    Keyboard(surfer.page).activate("link", "Newest")

    surfer.arrives(HISTORY)
    expect(surfer.page.get_by_role("link", name="Newest")).to_have_count(0)


@pytest.mark.attack("P-069")
def test_a_name_that_turns_text_around_turns_nothing_but_itself(
    surfer: Surfer, site: ServedSite, user_with_totp: Person
) -> None:
    surfer.skip_login(site.visitor(), user_with_totp)
    surfer.go(HISTORY)
    sentence = surfer.page.locator(".history-sentence bdi").first
    after = surfer.page.locator(".history-sentence").first

    sentence.evaluate("element => { element.textContent = '\\u202ephone'; }")

    # The stop behind the name stays at the end of its line.
    is_last = after.evaluate(
        """element => {
          const stop = element.lastChild;
          const range = document.createRange();
          range.selectNodeContents(stop);
          const name = element.querySelector("bdi").getBoundingClientRect();
          return range.getBoundingClientRect().left >= name.right - 1;
        }"""
    )
    assert is_last
