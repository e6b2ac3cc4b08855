"""Where mailed links lead: what all their pages have in common, `config.add_mailed_link`.

    GET with a token in the URL --303--> clean URL, the token in a sealed cookie --POST--> what it is for

A link that does not work (any more) is answered with 410 and a way on.
"""

from collections.abc import Callable, Sequence
from typing import Any

from pyramid.config import Configurator
from pyramid.request import Request
from pyramid.response import Response
from pyramid.security import NO_PERMISSION_REQUIRED

from warehouse_mfa.http import error_answer
from warehouse_mfa.i18n import _
from warehouse_mfa.mail.interfaces import ITokenService, LinkInvalid, Purpose

WayOn = Callable[[Request], tuple[str, Any]]


def add_mailed_link(
    config: Configurator,
    purpose: Purpose,
    route: str,
    way_on: WayOn,
    *,
    more_routes: Sequence[str] = (),
    refusals: Sequence[type[Exception]] = (LinkInvalid,),
) -> None:
    """Declare that links of a purpose lead to `route`, whose views ask for the token with `carried`.

    `way_on` returns a path and what to call it, for somebody whose link does not work. That is what
    `refusals` mean, here and at `more_routes`, which go on with the same link; their `message` is
    shown, and what was done is undone.
    """

    def arrive(request: Request) -> Response | None:
        """Move the token out of the URL."""
        tokens: ITokenService = request.find_service(ITokenService)
        return tokens.arrive(request, purpose)

    def refuse(error: Any, request: Request) -> Response:
        request.find_service(ITokenService).drop(request)
        return error_answer(
            request,
            410,
            _("This link does not work any more"),
            error.message,
            "link-invalid",
            action=way_on(request),
        )

    config.add_view(
        arrive,
        route_name=route,
        request_method="GET",
        request_param="token",
        permission=NO_PERMISSION_REQUIRED,
    )
    for name in (route, *more_routes):
        for refusal in refusals:
            config.add_exception_view(refuse, context=refusal, route_name=name)
