"""Where to go next: always a path of ours."""

from collections.abc import MutableMapping
from typing import Any
from urllib.parse import urlsplit

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request

LONGEST = 2048


class SeeOther(HTTPSeeOther):
    """The answer to a form that was accepted: go to this path. RFC 9110 §15.4.4."""

    def prepare(self, environ: MutableMapping[str, Any]) -> None:
        """Stay empty: Pyramid would fill in a page of its own, which no browser shows."""


def safe_next(request: Request, wanted: str | None, default: str = "profile.manage") -> str:
    """Return `wanted` if it is a path on our own origin, else the path of the route `default`."""
    return wanted if wanted and is_own_path(wanted) else request.route_path(default)


def is_own_path(path: str) -> bool:
    """Tell whether a browser would stay with us: one slash first, nothing it would rewrite."""
    if not path.startswith("/") or path.startswith("//") or len(path) > LONGEST:
        return False
    # Browsers turn a backslash into a slash and drop tabs and line breaks before they look. What
    # is not ASCII is percent-encoded in a path, and does not fit into a header.
    if "\\" in path or any(not "!" <= character <= "~" for character in path):
        return False
    try:
        parts = urlsplit(path)
    except ValueError:
        return False
    return not parts.scheme and not parts.netloc


def see_other(request: Request, route: str, **query: str) -> SeeOther:
    """Return the answer to a form that was accepted: 303 to the page of a route."""
    return SeeOther(request.route_path(route, _query=query or None))
