"""The page behind the link "this was not me"."""

from typing import Any

from pyramid.request import Request
from pyramid.security import NO_PERMISSION_REQUIRED
from pyramid.view import view_config, view_defaults

from warehouse_mfa.mail.interfaces import ITokenService, Purpose
from warehouse_mfa.notifications.interfaces import INotMeService


@view_defaults(route_name="notifications.not-me", permission=NO_PERMISSION_REQUIRED)
class NotMePage:
    """One button. It logs nobody in, and tells nothing that the mail did not."""

    def __init__(self, request: Request) -> None:
        self.request = request
        self.tokens: ITokenService = request.find_service(ITokenService)
        self.service: INotMeService = request.find_service(INotMeService)

    @view_config(request_method="GET", renderer="notifications/not_me.html")
    def show(self) -> dict[str, Any]:
        return {"username": self.service.username_of(self._carried())}

    @view_config(request_method="POST", renderer="notifications/not_me_said.html")
    def say(self) -> dict[str, Any]:
        username = self.service.say(self._carried())
        self.tokens.drop(self.request)
        # A session of that account in this browser has just ended, too.
        self.request.registry["security_policy"].forget_identity(self.request)
        return {"username": username}

    def _carried(self) -> str:
        return self.tokens.carried(self.request, Purpose.NOT_ME)
