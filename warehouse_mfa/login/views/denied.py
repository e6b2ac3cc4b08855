"""Where somebody goes who may not see a page: to what is missing."""

from pyramid.httpexceptions import HTTPForbidden
from pyramid.request import Request
from pyramid.response import Response
from pyramid.view import exception_view_config, forbidden_view_config

from warehouse_mfa.accounts.interfaces import AccountChanged
from warehouse_mfa.authz import Denial
from warehouse_mfa.db import OwnerGone
from warehouse_mfa.factors.interfaces import IFactorService
from warehouse_mfa.http import Kind, SeeOther, error_answer, fail, flash, is_own_path, wants_json
from warehouse_mfa.i18n import _
from warehouse_mfa.login.interfaces import PendingLoginGone

ROUTES = {
    Denial.NOT_LOGGED_IN: "login.password",
    Denial.NOT_VERIFIED: "profile.unverified",
    Denial.NO_FACTOR: "factors.manage",
    Denial.NO_PENDING_LOGIN: "login.password",
}
MESSAGES = {
    Denial.NOT_LOGGED_IN: _("Log in first."),
    Denial.NOT_VERIFIED: _("Verify your email address first."),
    Denial.NO_FACTOR: _("Set up a second factor first."),
    Denial.NO_PENDING_LOGIN: PendingLoginGone.message,
}


# A code is a second factor, and counts for less than this site asks for.
SHOW_MORE = _("A code is not enough here any more: show your security key or your passkey.")
NOT_ENOUGH = _("Your code is right, and not enough here: add a security key or a passkey first.")


@forbidden_view_config()
def denied(error: HTTPForbidden, request: Request) -> Response:
    """Send the person to what would help, with the way back; a JSON caller is told."""
    reason = getattr(error.result, "reason", Denial.FORBIDDEN)
    if reason not in ROUTES:
        return error_answer(
            request,
            403,
            _("You cannot open this page"),
            _("It needs a right that your account does not have."),
            "forbidden",
        )
    return _send(request, reason)


@exception_view_config(PendingLoginGone)
def pending_gone(error: PendingLoginGone, request: Request) -> Response:
    return _send(request, Denial.NO_PENDING_LOGIN)


@exception_view_config(AccountChanged)
@exception_view_config(OwnerGone)
def account_changed(error: AccountChanged | OwnerGone, request: Request) -> Response:
    if wants_json(request):
        path = request.route_path("login.password")
        return fail(request, 409, AccountChanged.message, "account-changed", path)
    flash(request, AccountChanged.message, Kind.WARNING)
    return SeeOther(request.route_path("login.password"))


def _send(request: Request, reason: Denial) -> Response:
    path = request.route_path(ROUTES[reason], _query=_way_back(request, reason))
    message = MESSAGES[reason]
    if reason is Denial.NO_FACTOR and request.identity.factor is not None:
        factors: IFactorService = request.find_service(IFactorService)
        message = NOT_ENOUGH
        if factors.is_outdone(request.identity.user_id, request.identity.factor):
            path = request.route_path("login.reauthenticate", _query=_way_back(request, reason))
            message = SHOW_MORE
    if wants_json(request):
        return fail(request, 401, message, reason, path)
    if reason is not Denial.NOT_LOGGED_IN:
        flash(request, message, Kind.WARNING)
    return SeeOther(path)


def _way_back(request: Request, reason: Denial) -> dict[str, str] | None:
    if reason is Denial.NO_PENDING_LOGIN or request.method != "GET" or wants_json(request):
        return None
    return {"next": request.path_qs} if is_own_path(request.path_qs) else None
