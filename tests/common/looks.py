"""What a page must show in every width, language and color: nothing sticks out, is cut or tiny."""

from playwright.sync_api import Page

# WCAG 2.2, 1.4.10
NARROWEST = 320
# WCAG 2.2, 1.4.12; in a sheet that the policy of the page allows, as extensions bring it.
SPACED_TEXT = """() => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`* {
    line-height: 1.5 !important;
    letter-spacing: 0.12em !important;
    word-spacing: 0.16em !important;
  }
  p { margin-block-end: 2em !important; }`);
  document.adoptedStyleSheets = [sheet];
}"""
STICKING_OUT = """() => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return [];
  return [...document.querySelectorAll("body *")]
    .filter((element) => {
      const box = element.getBoundingClientRect();
      return box.right > width || box.left < 0;
    })
    .map((element) => `${element.tagName} ${element.className} sticks out`);
}"""
# What is hidden from the eye on purpose is one pixel large.
CUT = """() => [...document.querySelectorAll("body *:not(input, select, option)")]
  .filter((element) => getComputedStyle(element).overflow !== "visible")
  .filter((element) => element.clientWidth > 1 && element.clientHeight > 1)
  .filter((element) => element.scrollWidth > element.clientWidth + 1
    || element.scrollHeight > element.clientHeight + 1)
  .map((element) => `${element.tagName} ${element.className} is cut`)
"""
# WCAG 2.2, 2.5.8, without its exception for the distance between small targets. A link within a
# sentence is as high as its line.
SMALL_TARGETS = """(least) => [...document.querySelectorAll(
    "a[href], button, input:not([type=hidden]), select, summary, [tabindex='0']")]
  .filter((element) => element.checkVisibility({ visibilityProperty: true }))
  .filter((element) => !element.closest(".visually-hidden, .skip-link:not(:focus)"))
  .filter((element) => {
    const isInSentence = getComputedStyle(element).display === "inline"
      && element.parentElement.textContent.trim() !== element.textContent.trim();
    const box = element.getBoundingClientRect();
    return !isInSentence && (box.width < least || box.height < least);
  })
  .map((element) => `${element.outerHTML.slice(0, 90)} is too small`)
"""
LEAST_TARGET = 24


def misfits(page: Page) -> list[str]:
    """Return what sticks out of the page, is cut, or is too small to hit, a line each."""
    found: list[str] = page.evaluate(STICKING_OUT) + page.evaluate(CUT)
    return found + page.evaluate(SMALL_TARGETS, LEAST_TARGET)


def space_text(page: Page) -> None:
    """Read as somebody who needs more space between lines, letters and words."""
    page.evaluate(SPACED_TEXT)
