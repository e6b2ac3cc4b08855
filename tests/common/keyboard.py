"""Somebody who has no mouse, and needs to see where the focus is."""

from typing import Any

from playwright.sync_api import Locator, Page, expect

MOST_STOPS = 60
# Each stop is also compared with the one before it, which has lost the focus meanwhile.
FOCUS = """() => {
  const lookOf = (element) => {
    const style = getComputedStyle(element);
    return `${style.outline} ${style.boxShadow}`;
  };
  const element = document.activeElement;
  const style = getComputedStyle(element);
  const box = element.getBoundingClientRect();
  const before = window.stopBefore;
  window.stopBefore = { element, look: lookOf(element) };
  return {
    isOutlined: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
    isInSight: box.width > 1 && box.top >= 0 && box.bottom <= innerHeight,
    isNew: !before || before.element === element || lookOf(before.element) !== before.look,
    isNowhere: element === document.body,
    number: window.stops?.indexOf(element),
    element: element.outerHTML.slice(0, 200),
  };
}"""
# All that can be reached, in the order of reading, which is that of the document; and the start.
FIND_STOPS = """() => {
  window.stops = [...document.querySelectorAll(
    "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']")]
    .filter((element) => element.tabIndex >= 0 && !element.disabled && element.checkVisibility());
  document.body.tabIndex = -1;
  document.body.focus();
  document.body.removeAttribute("tabindex");
  return window.stops.map((element) => element.outerHTML.slice(0, 200));
}"""
# A page that gives something the focus does so with a frame after it was loaded.
NEXT_FRAMES = (
    "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
)
# Within one part of the page, the next stop is below the last or beside it, further in the line.
OUT_OF_LINE = """() => {
  const isRightToLeft = document.documentElement.dir === "rtl";
  const partOf = (element) => element.closest("nav, header, .account-content, .card, main, footer");
  const seen = window.stops.filter((element) => !element.matches(".skip-link"));
  return seen.slice(1).filter((element, i) => {
    if (partOf(element) !== partOf(seen[i])) return false;
    const last = seen[i].getBoundingClientRect();
    const next = element.getBoundingClientRect();
    if (next.top >= last.bottom - 1) return false;
    const isBeside = next.bottom > last.top;
    return !isBeside || (isRightToLeft ? next.right > last.right : next.left < last.left);
  }).map((element) => element.outerHTML.slice(0, 200));
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

    def choose(self, label: str, option: str) -> None:
        """Go to a menu, and choose an option by typing how it begins."""
        self._go_to(self._page.get_by_label(label, exact=True))
        self._page.keyboard.type(option[:2])

    def walk_through(self) -> None:
        """Go through the page once: to all that is there, in the order of reading, and out again."""
        self._page.evaluate(NEXT_FRAMES)
        stops = self._page.evaluate(FIND_STOPS)
        assert self._page.evaluate(OUT_OF_LINE) == []
        for number, element in enumerate(stops):
            focus = self._stop()
            assert focus["number"] == number, f"{focus['element']} instead of {element}"
        self._page.keyboard.press("Tab")
        focus = self._page.evaluate(FOCUS)
        assert focus["isNowhere"] or focus["number"] == 0, f"a trap: {focus['element']}"

    def _go_to(self, wanted: Locator) -> None:
        expect(wanted).to_be_enabled()
        for _ in range(MOST_STOPS):
            self._stop()
            if wanted.evaluate("element => element === document.activeElement"):
                return
        raise AssertionError(f"Tab does not lead to {wanted}")

    def _stop(self) -> dict[str, Any]:
        """Go to the next stop."""
        self._page.keyboard.press("Tab")
        focus: dict[str, Any] = self._page.evaluate(FOCUS)
        assert focus["isOutlined"], f"no outline: {focus['element']}"
        assert focus["isInSight"], f"out of sight: {focus['element']}"
        assert focus["isNew"], f"the stop before this one looks as if it had the focus: {focus}"
        return focus
