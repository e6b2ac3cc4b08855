"""Step-up: a view says `require_step_up`, and is reached with a fresh proof of presence only."""

from collections.abc import Callable
from typing import Any

from pyramid.config import Configurator
from pyramid.request import Request
from pyramid.response import Response

from warehouse_mfa.authz.interfaces import IStepUpService

View = Callable[[Any, Request], Response]


class StepUpRequired(Exception):
    """The last proof of a factor is too long ago for what is asked."""

    def __init__(self, return_route: str | None) -> None:
        super().__init__(return_route)
        self.return_route = return_route
        """Where to go afterwards, for what has no page of its own; else the same path."""


def step_up_deriver(view: View, info: Any) -> View:
    """Guard a view, on GET as on POST.

    `require_step_up=True`, or the route to go back to when the path answers no GET.
    """
    required = info.options.get("require_step_up")
    if not required:
        return view
    return_route = required if isinstance(required, str) else None

    def wrapped(context: Any, request: Request) -> Response:
        if not request.find_service(IStepUpService, context=None).is_fresh(request.identity):
            raise StepUpRequired(return_route)
        return view(context, request)

    return wrapped


step_up_deriver.options = ("require_step_up",)  # type: ignore[attr-defined]


def includeme(config: Configurator) -> None:
    # Behind the permission: who may not see a page is not asked for a factor.
    config.add_view_deriver(step_up_deriver, name="step_up", under="secured_view")
