"""What somebody is told who is on probation: why, until when, and what ends it earlier."""

from pyramid.renderers import render
from pyramid.request import Request
from pyramid.response import Response
from pyramid.view import exception_view_config

from warehouse_mfa.authz import Cause, OnProbation
from warehouse_mfa.http import fail, is_own_path, wants_json
from warehouse_mfa.i18n import _

# Per cause that something else ends than time: the route that does, and what its link is called.
WAYS_OUT = {
    Cause.CODES_NOT_PROVED: ("recovery.manage", _("Show that your codes are kept")),
    Cause.PUBLISHING_HELD: ("profile.repair", _("Make your account safe")),
}
STEP_UP = ("login.reauthenticate", _("Show that it is you"))


@exception_view_config(OnProbation)
def on_probation(error: OnProbation, request: Request) -> Response:
    probation = error.probation
    route, text = next(
        (way for cause, way in WAYS_OUT.items() if cause == probation.cause), STEP_UP
    )
    query = None
    if route == STEP_UP[0] and request.method == "GET" and is_own_path(request.path_qs):
        query = {"next": request.path_qs}
    path = request.route_path(route, _query=query)
    if wants_json(request):
        return fail(request, 403, probation.why, "on-probation", path)
    page = {"probation": probation, "action_url": path, "action_text": text}
    return Response(render("login/on_probation.html", page, request), status=403)
