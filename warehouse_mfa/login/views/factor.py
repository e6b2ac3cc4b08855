"""The second step: one page, `options` and `validate` for every factor."""

from typing import Any

from pyramid.httpexceptions import HTTPNotFound, HTTPSeeOther
from pyramid.request import Request
from pyramid.response import Response
from pyramid.view import view_config, view_defaults

from warehouse_mfa.authz import Permission
from warehouse_mfa.factors.interfaces import FactorForm, FactorNotSetUp, FactorRejected
from warehouse_mfa.http import fail, success
from warehouse_mfa.i18n import _
from warehouse_mfa.login.interfaces import ILoginService, LoggedInSession, PendingLogin
from warehouse_mfa.login.resources import LoginStep
from warehouse_mfa.login.views.password import start_session
from warehouse_mfa.sessions.interfaces import IDeviceService, ISessionCookies


@view_defaults(route_name="login.factor", context=LoginStep, permission=Permission.LOGIN_COMPLETE)
class FactorPage:
    def __init__(self, context: LoginStep, request: Request) -> None:
        self.request = request
        self.factor = context.factor
        assert context.pending is not None, "the permission is the pending login's"
        self.pending: PendingLogin = context.pending

    @view_config(request_method="GET", renderer="login/factor.html")
    def show(self) -> dict[str, Any] | Response:
        if self.factor not in self.pending.factors and self.pending.factors:
            return HTTPSeeOther(self._path(self.pending.factors[0], ""))
        return self._page(self.factor.form())

    @view_config(request_method="POST", renderer="login/factor.html")
    def answer(self) -> dict[str, Any] | Response:
        form = self.factor.form(self.request.form)
        if form.validate():
            try:
                return start_session(self.request, self._complete(form))
            except FactorRejected as rejected:
                field = next((field.name for field in form if field.type != "HiddenField"), None)
                form.refuse(field, rejected.message)
        form.forget_secrets()
        self.request.response.status_int = 422
        return self._page(form)

    @view_config(name="options", request_method="GET")
    def options(self) -> Response:
        try:
            options = self.factor.begin(self.pending.prover)
        except FactorNotSetUp as rejected:
            return fail(self.request, 422, rejected.message, rejected.reason)
        if options is None:
            raise HTTPNotFound
        return Response(json_body=options)

    @view_config(name="validate", request_method="POST")
    def validate(self) -> Response:
        form = self.factor.form(self.request.form)
        if not form.validate():
            message = next(errors[0] for errors in form.errors.values() if errors)
            return fail(self.request, 422, message, "form")
        try:
            logged_in = self._complete(form)
        except FactorRejected as rejected:
            return fail(self.request, 422, rejected.message, "rejected")
        start_session(self.request, logged_in)
        return success(self.request, _("You are logged in."), logged_in.next)

    def _complete(self, form: FactorForm) -> LoggedInSession:
        device_secret = self.request.find_service(ISessionCookies).device_secret()
        login: ILoginService = self.request.find_service(ILoginService)
        return login.complete(
            self.pending,
            self.factor,
            form.answer,
            device=self.request.find_service(IDeviceService).recognize(device_secret),
            client=self.request.remote_addr,
        )

    def _page(self, form: FactorForm) -> dict[str, Any]:
        return {
            "factor": self.factor,
            "form": form,
            "username": self.pending.username,
            "is_usable": self.factor in self.pending.factors,
            "options_url": self._path(self.factor, "options"),
            "validate_url": self._path(self.factor, "validate"),
            "others": [
                {"title": factor.title, "url": self._path(factor, "")}
                for factor in self.pending.factors
                if factor.name != self.factor.name
            ],
        }

    def _path(self, factor: Any, name: str) -> str:
        path: str = self.request.route_path("login.factor", traverse=(factor.segment, name))
        return path
