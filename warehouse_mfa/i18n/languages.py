"""Which languages there are, and which one a reader gets."""

import gettext
from functools import lru_cache
from pathlib import Path

from pyramid.request import Request
from webob.acceptparse import create_accept_language_header

from warehouse_mfa.paths import PACKAGE
from warehouse_mfa.strings import DOMAIN

NAMES = (("en", "English"), ("fr", "Français"), ("ar", "العربية"))
"""Each language's tag of BCP 47 and what it calls itself; sentences are written in the first.

Babel knows this, too. To ask it takes the data of all languages, 7 MB, into every process.
"""
LANGUAGES = tuple(tag for tag, _name in NAMES)
FROM_THE_RIGHT = frozenset({"ar"})
COOKIE = "locale"
CATALOGUES = PACKAGE / "locale"


def negotiate(request: Request) -> str:
    """Return the language that was chosen, or the best that the browser accepts, or English."""
    chosen = request.cookies.get(f"__Host-{COOKIE}") or request.cookies.get(COOKIE)
    if chosen in LANGUAGES:
        return str(chosen)
    if len(LANGUAGES) == 1:
        return LANGUAGES[0]
    return _best_of(request.environ.get("HTTP_ACCEPT_LANGUAGE"))


@lru_cache(maxsize=128)  # a header may have 16 KB, and anybody may send many
def _best_of(accepted: str | None) -> str:
    """Browsers send the same few headers again and again; one that is no list means nothing."""
    header = create_accept_language_header(accepted)
    return str(header.lookup(LANGUAGES, default=LANGUAGES[0]))


def of_process() -> str:
    """Return what LANGUAGE, LC_ALL, LC_MESSAGES or LANG ask for, in this order, or English."""
    catalogue = gettext.find(DOMAIN, str(CATALOGUES))
    language = Path(catalogue).parts[-3] if catalogue else ""
    return language if language in LANGUAGES else LANGUAGES[0]


def direction_of(language: str) -> str:
    """Return "ltr" or "rtl", as the attribute `dir` wants it."""
    return "rtl" if language in FROM_THE_RIGHT else "ltr"
