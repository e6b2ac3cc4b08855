"""The overview."""

from typing import Any

from pyramid.request import Request
from pyramid.view import view_config

from warehouse_mfa.accounts.interfaces import IUserService
from warehouse_mfa.authz import Permission
from warehouse_mfa.factors.interfaces import IFactorService
from warehouse_mfa.notifications.interfaces import INoticeService
from warehouse_mfa.profile.safety import Safety
from warehouse_mfa.profile.views.passkey_offer import is_declined


@view_config(
    route_name="profile.manage",
    request_method="GET",
    renderer="profile/overview.html",
    permission=Permission.ACCOUNT_READ,
)
def overview(request: Request) -> dict[str, Any]:
    """Show what is strong, what is missing, and the next step."""
    user_id = request.identity.user_id
    factors = request.find_service(IFactorService).statuses(user_id)
    return {
        "overview": request.find_service(IUserService).account(user_id),
        "factors": factors,
        "safety": Safety.of(factors),
        "is_passkey_declined": is_declined(request),
        "unread": request.find_service(INoticeService).unread(user_id),
    }
