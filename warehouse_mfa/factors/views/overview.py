"""The page of all factors: what there is, what is missing, what to do next."""

from typing import Any

from pyramid.request import Request
from pyramid.view import view_config

from warehouse_mfa.authz import Permission
from warehouse_mfa.factors.interfaces import IFactorService


@view_config(
    route_name="factors.manage",
    request_method="GET",
    renderer="factors/manage.html",
    permission=Permission.FACTORS_ENROLL,
)
def manage(request: Request) -> dict[str, Any]:
    """Show every factor with what the account has of it."""
    return {"factors": request.find_service(IFactorService).statuses(request.identity.user_id)}
