"""What one was told by mail, in one's own account."""

from typing import Any

from pyramid.request import Request
from pyramid.response import Response
from pyramid.view import view_config, view_defaults

from warehouse_mfa.authz import Permission
from warehouse_mfa.factors.interfaces import IFactorService
from warehouse_mfa.http import see_other
from warehouse_mfa.notifications.interfaces import INoticeService
from warehouse_mfa.profile.history import line_of
from warehouse_mfa.profile.paging import place


@view_defaults(permission=Permission.ACCOUNT_READ)
class NoticesPage:
    def __init__(self, request: Request) -> None:
        self.request = request
        self.notices: INoticeService = request.find_service(INoticeService)

    @view_config(
        route_name="profile.notices", request_method="GET", renderer="profile/notices.html"
    )
    def show(self) -> dict[str, Any]:
        before = place(self.request.GET.get("before"))
        page = self.notices.page(self.request.identity.user_id, before)
        factors: IFactorService = self.request.find_service(IFactorService)
        titles = {factor.name: factor.title for factor in factors.all()}
        return {
            "notices": [
                {
                    "id": notice.entry.id,
                    "is_unread": notice.is_unread,
                    "line": line_of(notice.entry, titles),
                }
                for notice in page.notices
            ],
            "older": page.older,
            "is_newest": before is None,
        }

    @view_config(route_name="profile.notices.read", request_method="POST")
    def read_all(self) -> Response:
        newest = place(self.request.form.get("newest"))
        self.notices.read_all(self.request.identity.user_id, newest)
        return see_other(self.request, "profile.notices")
