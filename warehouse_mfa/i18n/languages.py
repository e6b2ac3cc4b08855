"""Which languages there are, and which one a reader gets."""

from pyramid.request import Request

LANGUAGES = ("en", "fr", "ar")
COOKIE = "locale"


def negotiate(request: Request) -> str:
    """Return the language that was chosen, or the best that the browser accepts, or English."""
    chosen = request.cookies.get(f"__Host-{COOKIE}") or request.cookies.get(COOKIE)
    if chosen in LANGUAGES:
        return str(chosen)
    if len(LANGUAGES) == 1:
        return LANGUAGES[0]
    return str(request.accept_language.lookup(LANGUAGES, default=LANGUAGES[0]))
