"""What the server refuses before the application is asked: pages made at the start, in each language.

To refuse must cost next to nothing: it is done when there is no thread left, or when what came is no
request. The answers know nobody, and ask nothing of the database.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from pyramid.registry import Registry
from pyramid.request import Request
from pyramid.scripting import prepare
from translationstring import TranslationString

from warehouse_mfa.http.answers import wants_json
from warehouse_mfa.http.errors import Unavailable, error_answer
from warehouse_mfa.i18n import LANGUAGES, _, localizer_for, speaking
from warehouse_mfa.i18n.languages import negotiate


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a server refuses by itself."""

    title: TranslationString
    message: TranslationString
    reason: str


NOT_READ = Reason(
    _("That did not work"),
    _("The request could not be read. Go back, reload the page, and try again."),
    "refused",
)
REASONS = {
    400: NOT_READ,
    413: Reason(
        _("Too large"),
        _("What you sent is larger than this site takes. Nothing was changed."),
        "too-large",
    ),
    431: Reason(
        _("Too large"),
        _(
            "Your browser sent more along with the request than this site takes. "
            "Delete the cookies of this site in your browser, and try again."
        ),
        "too-large",
    ),
    501: NOT_READ,
    503: Reason(
        _("Not available right now"),
        _(
            "More is asked of this site at the moment than it can do. Nothing was changed. "
            "Try again in a moment."
        ),
        "overloaded",
    ),
}


@dataclass(frozen=True, slots=True)
class Body:
    """What an answer says, and its type."""

    content_type: str
    content: bytes


class Refusals:
    """The bodies of all answers that the server gives by itself."""

    def __init__(self, bodies: Mapping[tuple[int, str, bool], Body]) -> None:
        """`bodies` by status, language, and whether JSON is wanted."""
        self._bodies = bodies

    def body(self, status: int, path: str, headers: Mapping[str, str]) -> Body | None:
        """Return what to say to whoever sent `headers`, `None` for a status that has no words.

        Names of headers are as in CGI, `ACCEPT_LANGUAGE`; there are none when they were not read.
        """
        environ = {f"HTTP_{name}": value for name, value in headers.items()}
        request = Request({"PATH_INFO": path, **environ})
        return self._bodies.get((status, negotiate(request), wants_json(request)))


def make_refusals(registry: Registry) -> Refusals:
    """Render every answer. The application is configured by now."""
    return Refusals(
        {
            (status, language, is_json): _render(registry, status, language, is_json)
            for status in REASONS
            for language in LANGUAGES
            for is_json in (False, True)
        }
    )


def _render(registry: Registry, status: int, language: str, is_json: bool) -> Body:
    environment = prepare(registry=registry)
    request: Request = environment["request"]
    request.headers["Accept-Language"] = language
    if is_json:
        request.headers["Accept"] = "application/json"
    # A page about an error asks neither who is reading nor for a token.
    request.exception = Unavailable()
    reason = REASONS[status]
    try:
        with speaking(localizer_for(registry, language)):
            answer = error_answer(request, status, reason.title, reason.message, reason.reason)
    finally:
        environment["closer"]()
    return Body(answer.headers["Content-Type"], answer.body)
