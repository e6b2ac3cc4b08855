"""The way back when the password is forgotten: ask for a link, then choose another password."""

from typing import Any

from pyramid.httpexceptions import HTTPNotFound
from pyramid.request import Request
from pyramid.response import Response
from pyramid.security import NO_PERMISSION_REQUIRED
from pyramid.view import view_config, view_defaults

from warehouse_mfa.factors.interfaces import FactorForm, Prover
from warehouse_mfa.http import flash, see_other
from warehouse_mfa.i18n import _
from warehouse_mfa.login.forms import ResetRequestForm, reset_form
from warehouse_mfa.login.interfaces import (
    IPasswordResetService,
    IResetRequestService,
    PasswordReset,
)
from warehouse_mfa.login.views.asking import AskingPage, chosen
from warehouse_mfa.mail.interfaces import ITokenService, LinkInvalid, Purpose


@view_defaults(route_name="login.request-reset", permission=NO_PERMISSION_REQUIRED)
class RequestPage:
    """Takes any name, and says the same for each."""

    def __init__(self, request: Request) -> None:
        self.request = request

    @view_config(request_method="GET", renderer="login/request_reset.html")
    def show(self) -> dict[str, Any]:
        return {"form": ResetRequestForm()}

    @view_config(request_method="POST", renderer="login/request_reset.html")
    def ask(self) -> dict[str, Any] | Response:
        form = ResetRequestForm(self.request.form)
        if not form.validate():
            self.request.response.status_int = 422
            return {"form": form}
        self.request.find_service(IResetRequestService).ask(
            form.username_or_email.data, client=self.request.remote_addr
        )
        flash(
            self.request,
            _(
                "If there is an account of that name with a verified address, a mail is on its way "
                "to it. Its link works for an hour."
            ),
        )
        return see_other(self.request, "login.password")


@view_config(
    route_name="login.reset", attr="show", request_method="GET", renderer="login/reset.html"
)
@view_config(
    route_name="login.reset", attr="answer", request_method="POST", renderer="login/reset.html"
)
@view_config(route_name="login.reset.options", attr="options", request_method="GET")
@view_config(route_name="login.reset.validate", attr="validate", request_method="POST")
@view_defaults(permission=NO_PERMISSION_REQUIRED)
class ResetPage(AskingPage):
    """Another password, and the second factor of an account that has one."""

    accepted = _("Your password is changed. Log in with the new one.")

    def __init__(self, request: Request) -> None:
        self.tokens: ITokenService = request.find_service(ITokenService)
        self.service: IPasswordResetService = request.find_service(IPasswordResetService)
        self.reset: PasswordReset = self.service.reset_of(
            self.tokens.carried(request, Purpose.RESET_PASSWORD)
        )
        held = self.reset.held
        is_owed = bool(held.enrolled)
        factor = chosen(request, held) if is_owed else None
        super().__init__(request, factor, held.usable if is_owed else ())

    def prover(self) -> Prover:
        return self.reset.prover

    def form(self, data: Any = None) -> Any:
        link_id = str(self.reset.link.id)
        if data is not None and data.get("link_id", link_id) != link_id:
            # Another link was opened in this browser meanwhile, perhaps by somebody else's page:
            # what was typed for one account must not change another.
            raise LinkInvalid
        form = reset_form(self.factor.form if self.factor else None)
        return form(data, link_id=link_id)

    def accept(self, form: Any) -> str:
        answer = form.answer if self.factor else None
        self.service.complete(self.reset, form.new_password.data, self.factor, answer)
        self.tokens.drop(self.request)
        flash(self.request, self.accepted)
        path: str = self.request.route_path("login.password")
        return path

    def path_of(self, factor: Any, name: str = "") -> str:
        route = f"login.reset.{name}" if name else "login.reset"
        query = {"factor": factor.segment} if factor else None
        path: str = self.request.route_path(route, _query=query)
        return path

    def options(self) -> Response:
        if self.factor is None:
            raise HTTPNotFound
        return super().options()

    def page(self, form: FactorForm) -> dict[str, Any]:
        return {**super().page(form), "username": self.reset.holder.username}
