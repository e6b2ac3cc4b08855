"""Start page, language, health, well-known addresses."""

from datetime import timedelta
from typing import Any

from pyramid.request import Request
from pyramid.response import Response
from pyramid.security import NO_PERMISSION_REQUIRED
from pyramid.view import view_config

from warehouse_mfa.accounts.interfaces import IUserService
from warehouse_mfa.clock import IClock
from warehouse_mfa.http import BadInput, SeeOther, keep_language, safe_next, see_other
from warehouse_mfa.i18n import _
from warehouse_mfa.site.forms import LanguageForm
from warehouse_mfa.site.health import checks

SECURITY_TXT_LIFE = timedelta(days=180)  # RFC 9116 §2.5.5: less than a year


@view_config(
    route_name="site.home",
    request_method="GET",
    renderer="site/home.html",
    permission=NO_PERMISSION_REQUIRED,
)
def home(request: Request) -> dict[str, Any]:
    return {}


@view_config(route_name="site.language", request_method="POST", permission=NO_PERMISSION_REQUIRED)
def choose_language(request: Request) -> Response:
    """Keep the language for this browser, and for the mails of whoever is logged in."""
    form = LanguageForm(request.form)
    if not form.validate():
        raise BadInput(_("There is no such language here."), "language")
    keep_language(request, form.locale_id.data)
    if request.identity is not None:
        users: IUserService = request.find_service(IUserService)
        users.change_locale(request.identity.user_id, form.locale_id.data)
    return SeeOther(safe_next(request, form.next.data, "site.home"))


@view_config(route_name="site.live", request_method="GET", permission=NO_PERMISSION_REQUIRED)
def live(request: Request) -> Response:
    """Say that the process answers."""
    return Response(json_body={"status": "live"})


@view_config(route_name="site.ready", request_method="GET", permission=NO_PERMISSION_REQUIRED)
def ready(request: Request) -> Response:
    """Say whether database, schema and limiter are as they should be."""
    found = checks(request)
    is_ready = all(state == "ok" for state in found.values())
    response = Response(
        json_body={"status": "ready" if is_ready else "not ready", "checks": found},
        status=200 if is_ready else 503,
    )
    if not is_ready:
        response.headers["Retry-After"] = "5"
    return response


@view_config(
    route_name="site.security-txt", request_method="GET", permission=NO_PERMISSION_REQUIRED
)
def security_txt(request: Request) -> Response:
    """Say where to report a vulnerability. RFC 9116."""
    settings = request.registry["settings"]
    expires = request.find_service(IClock).now() + SECURITY_TXT_LIFE
    lines = [
        f"Contact: {settings.security_contact}",
        f"Expires: {expires:%Y-%m-%dT%H:%M:%SZ}",
        "Preferred-Languages: en",
        f"Canonical: {settings.origin}{request.path}",
    ]
    return Response("\n".join(lines) + "\n", content_type="text/plain", charset="utf-8")


@view_config(
    route_name="site.change-password", request_method="GET", permission=NO_PERMISSION_REQUIRED
)
def change_password(request: Request) -> Response:
    """Lead password managers to the page. W3C, A Well-Known URL for Changing Passwords."""
    return see_other(request, "profile.password")


@view_config(
    route_name="site.passkey-endpoints", request_method="GET", permission=NO_PERMISSION_REQUIRED
)
def passkey_endpoints(request: Request) -> Response:
    """Tell password managers where passkeys are added and managed. W3C, Passkey Endpoints."""
    origin = request.registry["settings"].origin
    enroll = request.route_path("webauthn.provision", _query={"kind": "passkey"})
    return Response(
        json_body={
            "enroll": f"{origin}{enroll}",
            "manage": f"{origin}{request.route_path('factors.manage')}",
        }
    )
