"""The outermost WSGI layer: origin and client address follow the settings, not the request.

Host, X-Forwarded-Host and the like are never believed. Forwarding headers tell the client's address
when they come from a trusted proxy: waitress would compare one literal address and cannot tell networks.
"""

import ipaddress
import re
from collections.abc import Callable, Iterable, MutableMapping
from io import BytesIO
from typing import Any
from urllib.parse import quote

from warehouse_mfa.http.body import LARGEST_BODY
from warehouse_mfa.settings import Settings

Environ = MutableMapping[str, Any]
Application = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]
LOOPBACK_NAMES = ("127.0.0.1", "[::1]")
# RFC 6265 §4.1.1, but for what WebOb does not take as one value.
VALUE = r"[\w!#$%&'()*+./:<=>?@^`{|}~-]*"
PLAIN_COOKIE = re.compile(rf"[\w!#$%&'*+.^`|~-]+=(?:{VALUE}|\"{VALUE}\")", re.ASCII)
QUERY_SAFE = "%!$&'()*+,;=:@/?"  # RFC 3986 §3.4


class Front:
    """Wraps the Pyramid router."""

    def __init__(self, application: Application, settings: Settings) -> None:
        self.application = application
        self._settings = settings

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        if self._should_go_to_localhost(environ):
            return self._go_to_localhost(environ, start_response)
        environ["REMOTE_ADDR"] = client_address(environ, self._settings)
        environ["HTTP_HOST"] = self._settings.host
        environ["wsgi.url_scheme"] = "https" if self._settings.is_https else "http"
        if "HTTP_COOKIE" in environ:
            environ["HTTP_COOKIE"] = plain_cookies(str(environ["HTTP_COOKIE"]))
        if not keep_body(environ):
            # Nothing was done, and nobody is left to be told.
            start_response("400 Bad Request", [("Content-Length", "0")])
            return [b""]
        return self.application(environ, start_response)

    def _should_go_to_localhost(self, environ: Environ) -> bool:
        # A security key knows names only: the relying party ID of an address does not exist.
        host = re.sub(r":[0-9]*$", "", str(environ.get("HTTP_HOST", "")))
        return (
            self._settings.is_development
            and environ["REQUEST_METHOD"] in ("GET", "HEAD")
            and host in LOOPBACK_NAMES
            and not str(environ.get("PATH_INFO", "")).startswith("/_health/")
        )

    def _go_to_localhost(self, environ: Environ, start_response: Callable[..., Any]) -> list[bytes]:
        path = quote(str(environ.get("PATH_INFO", "/")).encode("latin-1"))
        # As it is, but for what a browser would not have sent and a header must not hold.
        query = quote(str(environ.get("QUERY_STRING", "")).encode("latin-1"), safe=QUERY_SAFE)
        location = f"{self._settings.origin}{path}" + (f"?{query}" if query else "")
        start_response("307 Temporary Redirect", [("Location", location), ("Content-Length", "0")])
        return [b""]


def plain_cookies(header: str) -> str:
    """Return a Cookie header without what is no plain pair of name and value.

    We write nothing of the kind. On others WebOb fails, for all cookies at once, or searches for
    half a minute: its expression tries every way to part a long text.
    """
    parts = [part.strip() for part in header.split(";")]
    return "; ".join([part for part in parts if PLAIN_COOKIE.fullmatch(part)])


def keep_body(environ: Environ) -> bool:
    """Read the body into memory, where it can be read again. Tell whether all of it came.

    Of one that is too large a byte too much is read, which is enough to refuse it. pyramid_retry would
    copy any other, and none, before anybody looks at its length.
    """
    length = str(environ.get("CONTENT_LENGTH") or "")
    if length.isdecimal():
        wanted = min(int(length), LARGEST_BODY + 1)
    else:
        wanted = LARGEST_BODY + 1 if environ.get("wsgi.input_terminated") else 0
    body = environ["wsgi.input"].read(wanted) if wanted else b""
    environ["wsgi.input"] = BytesIO(body)
    environ["CONTENT_LENGTH"] = str(len(body))
    environ["webob.is_body_seekable"] = True
    return len(body) == wanted or not length.isdecimal()


def client_address(environ: Environ, settings: Settings) -> str:
    """Return the address of the client: the last hop that is not a trusted proxy."""
    address = str(environ.get("REMOTE_ADDR") or "0.0.0.0")  # noqa: S104 - an address nobody has
    if not settings.trusted_proxies:
        return address
    hops = [hop.strip() for hop in str(environ.get("HTTP_X_FORWARDED_FOR", "")).split(",")]
    for hop in reversed([*filter(None, hops)]):
        if not _is_trusted(address, settings):
            break
        try:
            address = str(ipaddress.ip_address(hop))
        except ValueError:
            # Rubbish from beyond the proxy: the proxy itself is the last that is known.
            break
    return address


def _is_trusted(address: str, settings: Settings) -> bool:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(parsed in network for network in settings.trusted_proxies)
