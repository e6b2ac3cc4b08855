"""Which browser it was, in words of ours. Pure.

What a browser says about itself is never shown: it comes from whoever is asking, who could write a
sentence of their own with it. That is why no library reads it, which gives back parts of the text:
here a mark that is found picks a name, and the first one found counts.
"""

from collections.abc import Iterable

from translationstring import TranslationString

from warehouse_mfa.i18n import _

# Most programs also say the names of those they want to be taken for: the true name comes first.
BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("CriOS/", "Chrome"),
    ("Safari/", "Safari"),
)
SYSTEMS = (
    ("Windows", "Windows"),
    ("Android", "Android"),
    ("iPhone", "iOS"),
    ("iPad", "iPadOS"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


def browser_of(agent: str | None) -> TranslationString:
    """Return the name of the program that sends a User-Agent header, and of its system: marked."""
    program = _named(BROWSERS, agent or "")
    system = _named(SYSTEMS, agent or "")
    if program and system:
        return _("${browser} on ${system}", mapping={"browser": program, "system": system})
    if system:
        return _("Unknown program on ${system}", mapping={"system": system})
    return _(program) if program else _("Unknown program")


def _named(names: Iterable[tuple[str, str]], agent: str) -> str | None:
    return next((name for mark, name in names if mark in agent), None)
