"""Sentences for the next page: "You are logged out." They travel in a sealed cookie."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

from pyramid.request import Request
from pyramid.response import Response

from warehouse_mfa.http.cookies import SealedCookie, unless_it_fails
from warehouse_mfa.i18n.rendering import translate

COOKIE = SealedCookie("flash", max_age=timedelta(minutes=5))
PENDING = "warehouse_mfa.flashes"


class Kind(StrEnum):
    SUCCESS = "success"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Flash:
    kind: Kind
    message: str


def flash(request: Request, message: Any, kind: Kind = Kind.SUCCESS) -> None:
    """Show a sentence on the next page, unless this request fails."""
    # Not in the environment, which a request that is tried again inherits.
    if PENDING not in request.__dict__:
        request.__dict__[PENDING] = []
        unless_it_fails(request, _write)
    request.__dict__[PENDING].append([kind, translate(message, request.localizer)])


def _write(request: Request, response: Response) -> None:
    COOKIE.write(request, response, COOKIE.seal(request, request.__dict__[PENDING]))


def take(request: Request) -> list[Flash]:
    """Return the sentences for this page, and forget them."""
    if COOKIE.read(request) is None:
        return []
    if PENDING not in request.__dict__:
        # With whatever answer: its page shows them.
        request.add_response_callback(COOKIE.clear)
    return [Flash(Kind(kind), message) for kind, message in COOKIE.open(request) or []]
