"""The browser that waits until its login is approved by mail."""

from typing import Any

from pyramid.request import Request
from pyramid.response import Response
from pyramid.view import view_config, view_defaults

from warehouse_mfa.authz import Permission
from warehouse_mfa.http import SeeOther, flash, see_other
from warehouse_mfa.i18n import _
from warehouse_mfa.login.interfaces import Decision, HeldLogin, IHeldLoginService, NotApproved
from warehouse_mfa.login.resources import WAITING, WaitingLogin
from warehouse_mfa.login.views.password import hand_out_session
from warehouse_mfa.sessions.interfaces import ISessionCookies


@view_defaults(context=WaitingLogin, permission=Permission.LOGIN_COMPLETE)
class WaitingPage:
    """Looking at it changes nothing: the session starts by the press of a button."""

    def __init__(self, context: WaitingLogin, request: Request) -> None:
        assert context.login is not None, "the permission is that of the login"
        self.request = request
        self.login: HeldLogin = context.login
        self.logins: IHeldLoginService = request.find_service(IHeldLoginService)

    @view_config(route_name="login.waiting", request_method="GET", renderer="login/waiting.html")
    def show(self) -> dict[str, Any]:
        return {"login": self.login, "is_approved": self.login.decision is Decision.APPROVED}

    @view_config(route_name="login.waiting", request_method="POST", renderer="login/waiting.html")
    def go_on(self) -> dict[str, Any] | Response:
        device_secret = self.request.find_service(ISessionCookies).device_secret()
        try:
            logged_in = self.logins.complete(self.login, device_secret)
        except NotApproved as refusal:
            self.request.response.status_int = 422
            return {**self.show(), "refusal": refusal.message}
        hand_out_session(self.request, logged_in)
        WAITING.clear_later(self.request)
        return SeeOther(logged_in.next)

    @view_config(route_name="login.waiting.mail", request_method="POST")
    def mail_again(self) -> Response:
        if self.logins.mail_again(self.login):
            flash(self.request, _("Another mail is on its way. The links of both work."))
        return see_other(self.request, "login.waiting")

    @view_config(route_name="login.waiting.state", request_method="GET")
    def state(self) -> Response:
        return Response(json_body={"state": self.login.decision})
