"""Where to go next: always a path of ours."""

from urllib.parse import urlsplit

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request

LONGEST = 2048


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


def see_other(request: Request, route: str, **query: str) -> HTTPSeeOther:
    """Return the answer to a form that was accepted: 303 to the page of a route."""
    return HTTPSeeOther(request.route_path(route, _query=query or None))
