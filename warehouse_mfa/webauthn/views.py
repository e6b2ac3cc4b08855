"""The page that registers a security key."""

from typing import Any

from pyramid.request import Request
from pyramid.response import Response
from pyramid.view import view_config

from warehouse_mfa.authz import Permission
from warehouse_mfa.http import fail, flash, success
from warehouse_mfa.i18n import _
from warehouse_mfa.webauthn.forms import RegisterForm
from warehouse_mfa.webauthn.interfaces import IWebAuthnService, RegistrationRefused


@view_config(
    route_name="webauthn.provision",
    request_method="GET",
    renderer="webauthn/register.html",
    permission=Permission.FACTORS_ENROLL,
)
def show(request: Request) -> dict[str, Any]:
    """Ask for a name and start the ceremony."""
    return {
        "form": RegisterForm(),
        "options_url": request.route_path("webauthn.options"),
        "validate_url": request.route_path("webauthn.validate"),
    }


@view_config(
    route_name="webauthn.options", request_method="GET", permission=Permission.FACTORS_ENROLL
)
def options(request: Request) -> Response:
    """Return the options of a registration."""
    return Response(
        json_body=request.find_service(IWebAuthnService).begin_registration(request.identity)
    )


@view_config(
    route_name="webauthn.validate", request_method="POST", permission=Permission.FACTORS_ENROLL
)
def validate(request: Request) -> Response:
    """Register the key, or say why not."""
    form = RegisterForm(request.form)
    if not form.validate():
        message = next(errors[0] for errors in form.errors.values() if errors)
        return fail(request, 422, message, "form")
    try:
        request.find_service(IWebAuthnService).complete_registration(
            request.identity, form.credential.data, label=form.label.data
        )
    except RegistrationRefused as refusal:
        return fail(request, 422, refusal.message, refusal.reason)
    done = _("Your security key is registered.")
    flash(request, done)
    return success(request, done, request.route_path("factors.manage"))
