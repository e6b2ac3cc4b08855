"""The security history."""

from typing import Any

from pyramid.request import Request
from pyramid.view import view_config

from warehouse_mfa.authz import Permission
from warehouse_mfa.events.interfaces import IEventHistory
from warehouse_mfa.factors.interfaces import IFactorService
from warehouse_mfa.profile.history import line_of
from warehouse_mfa.profile.paging import place


@view_config(
    route_name="profile.history",
    request_method="GET",
    renderer="profile/history.html",
    permission=Permission.ACCOUNT_READ,
)
def history(request: Request) -> dict[str, Any]:
    """Show what happened to one's own account, newest first."""
    before = place(request.GET.get("before"))
    page = request.find_service(IEventHistory).page(request.identity.user_id, before)
    titles = {factor.name: factor.title for factor in request.find_service(IFactorService).all()}
    return {
        "lines": [line_of(entry, titles) for entry in page.entries],
        "older": page.older,
        "is_newest": before is None,
    }
