"""Step-up: prove a factor again, then go on where one was."""

from typing import Any

from pyramid.request import Request
from pyramid.response import Response
from pyramid.view import exception_view_config, view_config, view_defaults

from warehouse_mfa.authz import Permission, StepUpRequired
from warehouse_mfa.factors.interfaces import FactorForm, IFactorService, Prover
from warehouse_mfa.http import SeeOther, fail, held, is_own_path, safe_next, wants_json
from warehouse_mfa.i18n import _
from warehouse_mfa.login.interfaces import IReauthenticationService
from warehouse_mfa.login.views.asking import AskingPage, chosen
from warehouse_mfa.sessions.interfaces import IDeviceService, ISessionCookies

AGAIN = _("Show again that it is you: it is a while since you did.")


@view_config(
    route_name="login.reauthenticate",
    attr="show",
    request_method="GET",
    renderer="login/reauthenticate.html",
)
@view_config(
    route_name="login.reauthenticate",
    attr="answer",
    request_method="POST",
    renderer="login/reauthenticate.html",
)
@view_config(route_name="login.reauthenticate.options", attr="options", request_method="GET")
@view_config(route_name="login.reauthenticate.validate", attr="validate", request_method="POST")
@view_defaults(permission=Permission.FACTORS_ENROLL)
class ReauthenticatePage(AskingPage):
    def __init__(self, request: Request) -> None:
        factors: IFactorService = request.find_service(IFactorService)
        held_by_person = factors.held_by(request.identity.user_id)
        super().__init__(request, chosen(request, held_by_person), held_by_person.usable)
        self.service: IReauthenticationService = request.find_service(IReauthenticationService)

    def prover(self) -> Prover:
        return self.service.prover(self.request.identity)

    def accept(self, form: FactorForm) -> str:
        cookies: ISessionCookies = self.request.find_service(ISessionCookies)
        renewed = self.service.complete(
            self.request.identity,
            self.factor,
            form.answer,
            device=self.request.find_service(IDeviceService).asking(),
            client=self.request.remote_addr,
        )
        cookies.hand_out(renewed)
        return self._next()

    def path_of(self, factor: Any, name: str = "") -> str:
        route = f"login.reauthenticate.{name}" if name else "login.reauthenticate"
        query = {"factor": factor.segment, "next": self._next()}
        path: str = self.request.route_path(route, _query=query)
        return path

    def _next(self) -> str:
        return safe_next(self.request, self.request.GET.get("next"))


@exception_view_config(StepUpRequired)
def step_up_required(error: StepUpRequired, request: Request) -> Response:
    """Ask for a factor; what was typed into a form meanwhile is shown again afterwards."""
    back = request.path_qs
    if error.return_route:
        back = request.route_path(error.return_route, _query=request.GET or None)
    query = {"next": back} if is_own_path(back) else None
    path = request.route_path("login.reauthenticate", _query=query)
    if wants_json(request):
        return fail(request, 403, AGAIN, "step-up-required", path)
    if request.method == "POST" and error.return_route is None:
        held.hold(request)
    return SeeOther(path)
