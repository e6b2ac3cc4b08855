"""The second step: one page, `options` and `validate` for every factor."""

from typing import Any

from pyramid.request import Request
from pyramid.response import Response
from pyramid.view import view_config, view_defaults

from warehouse_mfa.authz import Permission
from warehouse_mfa.factors.interfaces import FactorForm, Prover
from warehouse_mfa.http import SeeOther
from warehouse_mfa.i18n import _
from warehouse_mfa.login.interfaces import ApprovalOwed, ILoginService, PendingLogin
from warehouse_mfa.login.resources import COOKIE, WAITING, LoginStep
from warehouse_mfa.login.views.asking import AskingPage
from warehouse_mfa.login.views.password import hand_out_session


@view_config(attr="show", request_method="GET", renderer="login/factor.html")
@view_config(attr="answer", request_method="POST", renderer="login/factor.html")
@view_config(attr="options", name="options", request_method="GET")
@view_config(attr="validate", name="validate", request_method="POST")
@view_defaults(route_name="login.factor", context=LoginStep, permission=Permission.LOGIN_COMPLETE)
class LoginFactorPage(AskingPage):
    accepted = _("You are logged in.")

    def __init__(self, context: LoginStep, request: Request) -> None:
        assert context.pending is not None, "the permission is the pending login's"
        self.pending: PendingLogin = context.pending
        self.login: ILoginService = request.find_service(ILoginService)
        super().__init__(request, context.factor, self.pending.factors)

    def show(self) -> dict[str, Any] | Response:
        if self.factor not in self.usable and self.usable:
            return SeeOther(self.path_of(self.usable[0]))
        return super().show()

    def prover(self) -> Prover:
        return self.pending.prover

    def accept(self, form: FactorForm) -> str:
        logged_in = self.login.complete(
            self.pending,
            self.factor,
            form.answer,
            client=self.request.remote_addr,
            is_to_remember=self._is_to_remember(),
        )
        if isinstance(logged_in, ApprovalOwed):
            return self._wait(logged_in)
        hand_out_session(self.request, logged_in)
        return logged_in.next

    def _wait(self, owed: ApprovalOwed) -> str:
        WAITING.hand_out(self.request, owed.secret)
        COOKIE.clear_later(self.request)
        self.accepted = _(
            "One more step: approve this login with the link that we have mailed you."
        )
        path: str = self.request.route_path("login.waiting")
        return path

    def path_of(self, factor: Any, name: str = "") -> str:
        path: str = self.request.route_path("login.factor", traverse=(factor.segment, name))
        return path

    def page(self, form: FactorForm) -> dict[str, Any]:
        return {
            **super().page(form),
            "username": self.pending.username,
            "may_remember": self.login.may_remember(self.pending, self.factor),
            "is_to_remember": self._is_to_remember(),
        }

    def _is_to_remember(self) -> bool:
        return bool(self.request.form.get("remember_device"))
