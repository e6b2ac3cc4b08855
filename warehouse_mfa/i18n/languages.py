"""Which languages there are, and which one a reader gets."""

import gettext
from functools import cache, lru_cache
from pathlib import Path

from babel import Locale
from pyramid.request import Request
from webob.acceptparse import create_accept_language_header

from warehouse_mfa.paths import PACKAGE
from warehouse_mfa.strings import DOMAIN

LANGUAGES = ("en", "fr", "ar")
"""Tags of BCP 47, the first the one that sentences are written in."""
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


@lru_cache(maxsize=1024)
def _best_of(accepted: str | None) -> str:
    """Browsers send the same few headers again and again; one that is no list means nothing."""
    header = create_accept_language_header(accepted)
    return str(header.lookup(LANGUAGES, default=LANGUAGES[0]))


def of_process() -> str:
    """Return what LANGUAGE, LC_ALL, LC_MESSAGES or LANG ask for, in this order, or English."""
    catalogue = gettext.find(DOMAIN, str(CATALOGUES))
    language = Path(catalogue).parts[-3] if catalogue else ""
    return language if language in LANGUAGES else LANGUAGES[0]


@cache
def direction_of(language: str) -> str:
    """Return "ltr" or "rtl", as the attribute `dir` wants it."""
    return str(Locale.parse(language, sep="-").text_direction)


@cache
def names() -> tuple[tuple[str, str], ...]:
    """Return each language's tag and what it calls itself."""
    return tuple(
        (language, str(Locale.parse(language, sep="-").get_display_name()).title())
        for language in LANGUAGES
    )
