"""Somebody who has no mouse, and needs to see where the focus is."""

from typing import Any

from playwright.sync_api import Locator, Page, expect

MOST_STOPS = 60
FOCUS = """() => {
  const style = getComputedStyle(document.activeElement);
  const box = document.activeElement.getBoundingClientRect();
  return {
    isOutlined: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
    isInSight: box.width > 1 && box.top >= 0 && box.bottom <= innerHeight,
    element: document.activeElement.outerHTML.slice(0, 200),
  };
}"""


class Keyboard:
    """Goes from one element to the next with Tab; every stop must be outlined and in sight."""

    def __init__(self, page: Page) -> None:
        self._page = page

    def activate(self, role: Any, name: str, *, exact: bool = True) -> None:
        """Go to a link or a button, and press Enter on it."""
        self._go_to(self._page.get_by_role(role, name=name, exact=exact).first)
        self._page.keyboard.press("Enter")

    def type(self, label: str, text: str) -> None:
        """Go to a field, and fill it in."""
        self._go_to(self._page.get_by_label(label, exact=True))
        self._page.keyboard.type(text)

    def _go_to(self, wanted: Locator) -> None:
        expect(wanted).to_be_visible()
        for _ in range(MOST_STOPS):
            self._page.keyboard.press("Tab")
            focus = self._page.evaluate(FOCUS)
            assert focus["isOutlined"], f"no outline: {focus['element']}"
            assert focus["isInSight"], f"out of sight: {focus['element']}"
            if wanted.evaluate("element => element === document.activeElement"):
                return
        raise AssertionError(f"Tab does not lead to {wanted}")
