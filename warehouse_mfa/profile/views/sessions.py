"""The page of sessions and known browsers. It only takes rights away, and asks for no step-up."""

from typing import Any
from uuid import UUID

from pyramid.httpexceptions import HTTPNotFound
from pyramid.request import Request
from pyramid.response import Response
from pyramid.view import view_config, view_defaults

from warehouse_mfa.accounts.interfaces import IPresenceService
from warehouse_mfa.authz import Permission
from warehouse_mfa.factors.interfaces import IFactorService
from warehouse_mfa.http import flash, see_other
from warehouse_mfa.i18n import _, ngettext
from warehouse_mfa.profile.paging import place


@view_defaults(permission=Permission.SESSIONS_END)
class SessionsPage:
    def __init__(self, request: Request) -> None:
        self.request = request
        self.presence: IPresenceService = request.find_service(IPresenceService)

    @view_config(
        route_name="profile.sessions",
        request_method="GET",
        renderer="profile/sessions.html",
        permission=Permission.ACCOUNT_READ,
    )
    def show(self) -> dict[str, Any]:
        before = place(self.request.GET.get("before"))
        factors: IFactorService = self.request.find_service(IFactorService)
        return {
            "sessions": self.presence.sessions(self.request.identity),
            "devices": self.presence.devices(self.request.identity, before),
            "titles": {factor.name: factor.title for factor in factors.all()},
            "is_newest": before is None,
        }

    @view_config(route_name="profile.sessions.end", request_method="POST")
    def end(self) -> Response:
        self.presence.end(self.request.identity, _id(self.request.matchdict["session_id"]))
        return self._done(_("The session has ended."))

    @view_config(route_name="profile.sessions.end-others", request_method="POST")
    def end_others(self) -> Response:
        ended = self.presence.end_others(self.request.identity)
        return self._done(
            ngettext("${n} other session has ended.", "${n} other sessions have ended.", ended)
        )

    @view_config(route_name="profile.devices.forget", request_method="POST")
    def forget(self) -> Response:
        self.presence.forget(self.request.identity, _id(self.request.matchdict["device_id"]))
        return self._done(_("The browser is forgotten. It counts as new with its next login."))

    def _done(self, message: Any) -> Response:
        flash(self.request, message)
        return see_other(self.request, "profile.sessions")


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise HTTPNotFound from error
