"""What was raised becomes a page, or JSON where JSON was asked."""

from collections import defaultdict
from datetime import timedelta
from typing import Any

from pyramid.config import Configurator
from pyramid.exceptions import PredicateMismatch
from pyramid.httpexceptions import (
    HTTPException,
    HTTPMethodNotAllowed,
    HTTPRequestEntityTooLarge,
)
from pyramid.renderers import render
from pyramid.request import Request
from pyramid.response import Response
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from warehouse_mfa import logs
from warehouse_mfa.crypto import HasherOverloaded
from warehouse_mfa.http.answers import fail, wants_json
from warehouse_mfa.http.redirects import is_own_path
from warehouse_mfa.i18n import _

log = logs.get(__name__)
RETRY_AFTER = timedelta(seconds=5)
METHODS = "methods"
AFTER_VIEWS = 20


class BadInput(Exception):
    """A request that no page of ours sends. `reason` is a stable code for clients."""

    def __init__(self, message: str, reason: str) -> None:
        super().__init__(message)
        self.message = message
        self.reason = reason


class Unavailable(Exception):
    """A back end is gone that must not be done without; nothing was changed."""


def error_answer(
    request: Request,
    status: int,
    title: Any,
    message: Any,
    reason: str,
    *,
    retry_after: timedelta | None = None,
    action: tuple[str, Any] | None = None,
) -> Response:
    """Return an error as a page or as JSON. `action` is a path and what to call it."""
    if wants_json(request):
        response = fail(request, status, message, reason)
    else:
        url, text = action or (None, None)
        values = {
            "status": status,
            "title": title,
            "message": message,
            "action_url": url,
            "action_text": text,
        }
        response = Response(render("http/error.html", values, request), status=status)
    if retry_after is not None:
        response.headers["Retry-After"] = str(max(1, round(retry_after.total_seconds())))
    return response


def bad_input(error: BadInput, request: Request) -> Response:
    return error_answer(
        request,
        400,
        _("That did not work"),
        error.message,
        error.reason,
        # Where its session ended one logs in there.
        action=page_of_the_form(request) if error.reason == "csrf" else None,
    )


def page_of_the_form(request: Request) -> tuple[str, Any] | None:
    """Lead back to our page that a form was sent from."""
    origin = request.registry["settings"].origin
    page = (request.referer or "").removeprefix(origin)
    return (page, _("Load the page again")) if is_own_path(page) else None


def not_found(error: HTTPException, request: Request) -> Response:
    if isinstance(error, PredicateMismatch):
        return method_not_allowed(error, request)
    return error_answer(
        request,
        404,
        _("Page not found"),
        _("There is nothing at this address. It may have moved, or the link is not complete."),
        "not-found",
        action=(request.route_path("site.home"), _("Go to the home page")),
    )


def method_not_allowed(error: HTTPException, request: Request) -> Response:
    response = error_answer(
        request,
        405,
        _("That did not work"),
        _("This address does not take this kind of request."),
        "method",
    )
    response.headers["Allow"] = error.headers.get("Allow") or ", ".join(_methods_of(request))
    return response


def _methods_of(request: Request) -> list[str]:
    """Return the methods that the address takes. RFC 9110 §15.5.6."""
    address = request.matched_route.name, request.view_name
    methods: set[str] = request.registry[METHODS].get(address, set())
    return sorted(methods | {"HEAD"} if "GET" in methods else methods)


def _keep_methods(config: Configurator) -> None:
    """Keep the methods of each view, by its route and name: a process that serves knows no more."""
    known: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for view in config.introspector.get_category("views"):
        found = view["introspectable"]
        # An answer to what went wrong at an address is one whatever the method.
        if not found["exception_only"]:
            known[found["route_name"], found["name"]].add(found["request_methods"])
    config.registry[METHODS] = dict(known)


def too_large(error: HTTPException, request: Request) -> Response:
    return error_answer(
        request,
        413,
        _("Too large"),
        _("What you sent is larger than this site takes. Nothing was changed."),
        "too-large",
    )


def other_http(error: HTTPException, request: Request) -> Response:
    if error.status_int < 400:
        return error
    return error_answer(
        request,
        error.status_int,
        _("That did not work"),
        _("The request was refused. Go back, reload the page, and try again."),
        "refused",
    )


def unavailable(error: Exception, request: Request) -> Response:
    log.warning("unavailable", error=type(error).__name__, path=request.path)
    return error_answer(
        request,
        503,
        _("Not available right now"),
        _("Something we depend on does not answer. Nothing was changed. Try again in a moment."),
        "unavailable",
        retry_after=RETRY_AFTER,
    )


def unexpected(error: Exception, request: Request) -> Response:
    log.error("unexpected error", path=request.path, exc_info=error)
    return error_answer(
        request,
        500,
        _("Something went wrong"),
        _("The mistake is ours, and it was noted. Nothing was changed. Try again in a moment."),
        "unexpected",
    )


def includeme(config: Configurator) -> None:
    for view, context in (
        (bad_input, BadInput),
        (method_not_allowed, HTTPMethodNotAllowed),
        (too_large, HTTPRequestEntityTooLarge),
        (other_http, HTTPException),
        (unavailable, Unavailable),
        (unavailable, HasherOverloaded),
        (unavailable, OperationalError),
        (unavailable, PoolTimeout),
        (unexpected, Exception),
    ):
        config.add_exception_view(view, context=context)
    config.add_notfound_view(not_found)
    config.action(None, _keep_methods, args=(config,), order=AFTER_VIEWS)
