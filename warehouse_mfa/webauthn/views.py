"""The page that registers a security key, or a passkey with `?kind=passkey`."""

from typing import Any

from pyramid.httpexceptions import HTTPNotFound
from pyramid.request import Request
from pyramid.response import Response
from pyramid.view import view_config, view_defaults

from warehouse_mfa.authz import Permission
from warehouse_mfa.factors.interfaces import IFactorChangeService, IFactorService
from warehouse_mfa.forms import Form
from warehouse_mfa.http import fail, flash, held, success
from warehouse_mfa.i18n import _
from warehouse_mfa.webauthn.forms import WITHOUT_SCRIPT, RegisterForm, RegisterPasskeyForm
from warehouse_mfa.webauthn.interfaces import IWebAuthnService, Kind, RegistrationRefused

DONE = {
    Kind.KEY: _("Your security key is registered."),
    Kind.PASSKEY: _("Your passkey is registered. From now on it logs you in without a password."),
}

FORMS = {Kind.KEY: RegisterForm, Kind.PASSKEY: RegisterPasskeyForm}
FIRST_KEY = _("My security key")
# Where nobody knows what keeps it.
SOME_PASSKEY = _("Passkey")


@view_defaults(
    route_name="webauthn.provision",
    renderer="webauthn/register.html",
    permission=Permission.FACTORS_ENROLL,
    require_step_up=True,
)
class RegisterPage:
    """Asks for a name and starts the ceremony."""

    def __init__(self, request: Request) -> None:
        self.request = request
        self.kind = _kind(request)

    @view_config(request_method="GET")
    def show(self) -> dict[str, Any]:
        form = FORMS[self.kind]
        return self._page(form(held.take(self.request), label=self._first_label()))

    @view_config(request_method="POST")
    def without_script(self) -> dict[str, Any]:
        """Say again what is needed: only the script of the page can ask a key."""
        form = FORMS[self.kind](self.request.form)
        form.validate()
        form.refuse(None, WITHOUT_SCRIPT)
        self.request.response.status_int = 422
        return self._page(form)

    def _first_label(self) -> str:
        """Return a name for the first key, with none to be told apart from; the next want one."""
        if self.kind is Kind.PASSKEY:
            return ""
        factors: IFactorService = self.request.find_service(IFactorService)
        enrolled = factors.held_by(self.request.identity.user_id).enrolled
        if any(factor.name == "webauthn" for factor in enrolled):
            return ""
        return str(self.request.localizer.translate(FIRST_KEY))

    def _page(self, form: Form) -> dict[str, Any]:
        query = {} if self.kind is Kind.KEY else {"kind": self.kind}
        return {
            "form": form,
            "kind": self.kind,
            "options_url": self.request.route_path("webauthn.options", _query=query),
            "validate_url": self.request.route_path("webauthn.validate", _query=query),
        }


@view_config(
    route_name="webauthn.options",
    request_method="GET",
    permission=Permission.FACTORS_ENROLL,
    require_step_up="webauthn.provision",
)
def options(request: Request) -> Response:
    """Return the options of a registration."""
    service: IWebAuthnService = request.find_service(IWebAuthnService)
    return Response(json_body=service.begin_registration(request.identity, _kind(request)))


@view_config(
    route_name="webauthn.validate",
    request_method="POST",
    permission=Permission.FACTORS_ENROLL,
    require_step_up="webauthn.provision",
)
def validate(request: Request) -> Response:
    """Register the key, or say why not."""
    kind = _kind(request)
    form = FORMS[kind](request.form)
    if not form.validate():
        message = next(errors[0] for errors in form.errors.values() if errors)
        return fail(request, 422, message, "form")
    try:
        request.find_service(IWebAuthnService).complete_registration(
            request.identity,
            kind,
            form.credential.data,
            label=form.label.data,
            otherwise=str(request.localizer.translate(SOME_PASSKEY)),
        )
    except RegistrationRefused as refusal:
        return fail(request, 422, refusal.message, refusal.reason)
    done = DONE[kind]
    flash(request, done)
    changes: IFactorChangeService = request.find_service(IFactorChangeService)
    next_route = changes.route_after_adding(request.identity.user_id)
    return success(request, done, request.route_path(next_route))


@view_config(
    route_name="webauthn.accepted", request_method="GET", permission=Permission.FACTORS_ENROLL
)
def accepted(request: Request) -> Response:
    """Return what the browser tells whatever keeps passkeys."""
    service: IWebAuthnService = request.find_service(IWebAuthnService)
    return Response(json_body=service.accepted(request.identity))


def _kind(request: Request) -> Kind:
    """Return what is to be registered. :raises HTTPNotFound: for anything else than there is."""
    try:
        return Kind(request.GET.get("kind", Kind.KEY))
    except ValueError as error:
        raise HTTPNotFound from error
