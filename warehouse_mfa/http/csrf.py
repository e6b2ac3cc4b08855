"""Cross-site requests are refused: a token bound to the session or a cookie, and a proof of origin."""

import base64
from collections.abc import Callable
from typing import Any

from pyramid.config import Configurator
from pyramid.request import Request
from pyramid.response import Response
from pyramid.viewderivers import INGRESS

from warehouse_mfa import crypto
from warehouse_mfa.crypto import IKeyRing
from warehouse_mfa.entropy import IEntropy
from warehouse_mfa.http.cookies import Cookie
from warehouse_mfa.http.errors import BadInput
from warehouse_mfa.http.interfaces import ICSRFBinding
from warehouse_mfa.i18n import _

ANONYMOUS = Cookie("csrf")
FIELD = "csrf_token"
HEADER = "HTTP_X_CSRF_TOKEN"
PURPOSE = "csrf"
MADE = "warehouse_mfa.csrf"
View = Callable[[Any, Request], Response]


def token(request: Request) -> str:
    """Return the CSRF token of this request, 43 characters. Makes the anonymous cookie if needed."""
    binding = request.find_service(ICSRFBinding).binding_of(request)
    if binding is None:
        binding = b"anonymous:" + _anonymous_id(request).encode()
    mac = request.find_service(IKeyRing).mac(PURPOSE, binding)
    return base64.urlsafe_b64encode(mac).rstrip(b"=").decode()


def anonymous_binding(request: Request) -> bytes:
    """Return what an anonymous ceremony hangs on: the value of the anonymous cookie."""
    return _anonymous_id(request).encode()


def _anonymous_id(request: Request) -> str:
    known: str | None = request.__dict__.get(MADE) or ANONYMOUS.read(request)
    if known is None:
        random = request.find_service(IEntropy).token_bytes(32)
        known = base64.urlsafe_b64encode(random).rstrip(b"=").decode()
        ANONYMOUS.write_later(request, known)
        # Not in the environment, which a request that is tried again inherits.
        request.__dict__[MADE] = known
    return known


def forget_anonymous(request: Request) -> None:
    """Take the anonymous cookie out of the browser: a token of before a login or logout ends."""
    if ANONYMOUS.read(request) is not None:
        ANONYMOUS.clear_later(request)


def check(request: Request) -> None:
    """Refuse a request that did not come from a page of ours. :raises BadInput: if so."""
    origin, sent = request.registry["settings"].origin, request.environ
    site = sent.get("HTTP_SEC_FETCH_SITE")
    if site is not None:
        comes_from_us = site == "same-origin"
    else:
        comes_from_us = sent.get("HTTP_ORIGIN", origin) == origin
    given = sent.get(HEADER) or request.form.get(FIELD, "")
    if not comes_from_us or not crypto.equal(given.encode(), token(request).encode()):
        raise BadInput(
            _(
                "The page was open too long, or you logged in or out meanwhile. Nothing was "
                "changed. Load the page again, and try once more."
            ),
            "csrf",
        )


def csrf_deriver(view: View, info: Any) -> View:
    """Check every POST before permission and view; `csrf=False` for what takes no cookies."""
    if info.options.get("csrf") is False or info.exception_only:
        return view

    def wrapped(context: Any, request: Request) -> Response:
        if request.method == "POST" and getattr(request, "exception", None) is None:
            check(request)
        return view(context, request)

    return wrapped


csrf_deriver.options = ("csrf",)  # type: ignore[attr-defined]


def includeme(config: Configurator) -> None:
    config.add_view_deriver(csrf_deriver, name="csrf", under=INGRESS, over="secured_view")
    config.add_request_method(token, "csrf_token", property=True)
