"""Logging out."""

from typing import Any

from pyramid.request import Request
from pyramid.response import Response
from pyramid.security import NO_PERMISSION_REQUIRED
from pyramid.view import view_config, view_defaults

from warehouse_mfa.http import SeeOther, flash, safe_next
from warehouse_mfa.i18n import _
from warehouse_mfa.login.interfaces import ILoginService
from warehouse_mfa.sessions.interfaces import ISessionCookies


@view_defaults(route_name="login.logout", permission=NO_PERMISSION_REQUIRED)
class LogoutPage:
    def __init__(self, request: Request) -> None:
        self.request = request

    @view_config(request_method="GET", renderer="login/logout.html")
    def ask(self) -> dict[str, Any] | Response:
        """Looking at the page does not log out; its button does."""
        if self.request.identity is None:
            return SeeOther(safe_next(self.request, None, "site.home"))
        return {}

    @view_config(request_method="POST")
    def end(self) -> Response:
        identity = self.request.identity
        if identity is not None:
            self.request.find_service(ILoginService).end(identity)
        self.request.find_service(ISessionCookies).take_back()
        flash(self.request, _("You are logged out."))
        response = SeeOther(self.request.route_path("site.home"))
        # Not the cookies: the device stays known.
        response.headers["Clear-Site-Data"] = '"storage"'
        return response
