"""Reading what was sent: forms and JSON, strictly, before any view sees them."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

from pyramid.httpexceptions import HTTPMethodNotAllowed, HTTPRequestEntityTooLarge
from pyramid.registry import Registry
from pyramid.request import Request
from pyramid.response import Response
from webob.multidict import MultiDict

from warehouse_mfa.http.errors import BadInput
from warehouse_mfa.i18n import _

LARGEST_BODY = 64 * 1024
MOST_FIELDS = 100
METHODS = frozenset({"GET", "HEAD", "POST"})
FORM = "application/x-www-form-urlencoded"

Handler = Callable[[Request], Response]


def body_tween(handler: Handler, registry: Registry) -> Handler:
    """Refuse what no view takes: unreadable paths, unknown methods, large bodies, ambiguous fields."""

    def check(request: Request) -> Response:
        if not _is_readable(request.environ.get("PATH_INFO", "")):
            # Error page and log look at the path, too.
            request.environ["PATH_INFO"] = "/"
            raise BadInput(_("The address is not encoded as a browser does it."), "encoding")
        if request.method not in METHODS:
            raise HTTPMethodNotAllowed(headers={"Allow": ", ".join(sorted(METHODS))})
        if request.environ.get("QUERY_STRING"):
            parse_fields(request.environ["QUERY_STRING"])
        if request.method == "POST":
            if request.content_length is not None and request.content_length > LARGEST_BODY:
                raise HTTPRequestEntityTooLarge
            request.form  # noqa: B018 - read now, so that a bad body is refused before the view
        return handler(request)

    return check


def _is_readable(path: str) -> bool:
    """Tell whether a path is UTF-8; WSGI hands its bytes over as Latin-1. PEP 3333."""
    try:
        path.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return False
    return True


def form(request: Request) -> MultiDict[str, str]:
    """Return the fields of the body, each once. `request.form`."""
    if request.method != "POST":
        return MultiDict()
    stream = request.body_file_seekable
    stream.seek(0)  # a retried request has been read before
    body = stream.read(LARGEST_BODY + 1)
    if len(body) > LARGEST_BODY:
        raise HTTPRequestEntityTooLarge
    if not body:
        return MultiDict()
    if request.content_type.lower() != FORM:
        raise BadInput(_("Send the form as a browser does."), "content-type")
    return parse_fields(body.decode("latin-1"))


def parse_fields(encoded: str) -> MultiDict[str, str]:
    """Read `name=value&…` in UTF-8.

    :raises BadInput: when a field is given twice, holds NUL, or is no UTF-8.
    """
    try:
        encoded.encode("ascii")  # everything else is percent-encoded
        pairs = parse_qsl(
            encoded, keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS
        )
    except ValueError as error:
        raise BadInput(_("The form is not encoded as a browser does it."), "encoding") from error
    fields: MultiDict[str, str] = MultiDict()
    for name, value in pairs:
        if name in fields:
            raise BadInput(
                _("A field was sent twice. Go back, reload the page, and try again."), "field-twice"
            )
        if "\0" in name or "\0" in value:
            raise BadInput(
                _(
                    "A field holds a character that cannot be part of a text. Remove it, and try again."
                ),
                "nul",
            )
        fields.add(name, value)
    return fields


def _unique_members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a member is given twice")
    return members


def parse_object(text: str) -> dict[str, Any]:
    """Read a JSON object. :raises BadInput: when it is anything else, or not to be trusted."""
    try:
        value = json.loads(text, object_pairs_hook=_unique_members)
        # Lone surrogates pass the parser and fail much later, in the database.
        json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise BadInput(
            _("The answer of the browser could not be read. Reload the page, and try again."),
            "json",
        ) from error
    if not isinstance(value, dict):
        raise BadInput(
            _("The answer of the browser could not be read. Reload the page, and try again."),
            "json",
        )
    return value
