"""The security history."""

from typing import Any
from uuid import UUID

from pyramid.httpexceptions import HTTPNotFound
from pyramid.request import Request
from pyramid.view import view_config

from warehouse_mfa.authz import Permission
from warehouse_mfa.events.interfaces import IEventHistory
from warehouse_mfa.factors.interfaces import IFactorService
from warehouse_mfa.profile.history import line_of


@view_config(
    route_name="profile.history",
    request_method="GET",
    renderer="profile/history.html",
    permission=Permission.ACCOUNT_READ,
)
def history(request: Request) -> dict[str, Any]:
    """Show what happened to one's own account, newest first."""
    before = _before(request.GET.get("before"))
    page = request.find_service(IEventHistory).page(request.identity.user_id, before)
    titles = {factor.name: factor.title for factor in request.find_service(IFactorService).all()}
    return {
        "lines": [line_of(entry, titles) for entry in page.entries],
        "older": page.older,
        "is_newest": before is None,
    }


def _before(text: str | None) -> UUID | None:
    if text is None:
        return None
    try:
        return UUID(text)
    except ValueError as error:
        raise HTTPNotFound from error
