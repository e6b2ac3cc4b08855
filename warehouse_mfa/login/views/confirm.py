"""The page behind the link that approves a login. It never logs in."""

from typing import Any

from pyramid.request import Request
from pyramid.response import Response
from pyramid.security import NO_PERMISSION_REQUIRED
from pyramid.view import view_config, view_defaults

from warehouse_mfa.http import BadInput, see_other
from warehouse_mfa.i18n import _
from warehouse_mfa.login.interfaces import (
    Decision,
    IHeldLoginService,
    ILoginApprovalService,
    LoginToApprove,
)
from warehouse_mfa.login.resources import WAITING
from warehouse_mfa.mail.interfaces import ITokenService, Purpose


@view_defaults(route_name="login.confirm", permission=NO_PERMISSION_REQUIRED)
class ConfirmPage:
    def __init__(self, request: Request) -> None:
        self.request = request
        self.tokens: ITokenService = request.find_service(ITokenService)
        self.approvals: ILoginApprovalService = request.find_service(ILoginApprovalService)

    @view_config(request_method="GET", renderer="login/confirm.html")
    def show(self) -> dict[str, Any]:
        return self._page(self.approvals.login_of(self._token()))

    @view_config(request_method="POST", renderer="login/confirm_done.html")
    def decide(self) -> dict[str, Any] | Response:
        decisions = {"approve": self.approvals.approve, "refuse": self.approvals.refuse}
        decision = self.request.form.get("decision", "")
        if decision not in decisions:
            raise BadInput(_("Say whether this is you."), "decision")
        about = decisions[decision](self._token())
        self.tokens.drop(self.request)
        page = self._page(about)
        if page["is_here"] and decision == "approve":
            return see_other(self.request, "login.waiting")
        outcome = Decision.APPROVED if decision == "approve" else Decision.REFUSED
        return {**page, "outcome": outcome}

    def _token(self) -> str:
        return self.tokens.carried(self.request, Purpose.CONFIRM_LOGIN)

    def _page(self, about: LoginToApprove) -> dict[str, Any]:
        secret = WAITING.secret(self.request)
        logins: IHeldLoginService = self.request.find_service(IHeldLoginService)
        here = logins.held(secret) if secret else None
        is_here = here is not None and here.id == about.login.id
        return {"login": about.login, "is_here": is_here}
