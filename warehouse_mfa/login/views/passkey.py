"""Logging in with a passkey: `options` and `validate` of the login page."""

from pyramid.request import Request
from pyramid.response import Response
from pyramid.security import NO_PERMISSION_REQUIRED
from pyramid.view import view_config, view_defaults

from warehouse_mfa.factors.interfaces import FactorRejected
from warehouse_mfa.http import anonymous_binding, fail, safe_next, success
from warehouse_mfa.i18n import _
from warehouse_mfa.login.forms import PasskeyForm
from warehouse_mfa.login.interfaces import AccountIsFrozen, IPasskeyLoginService
from warehouse_mfa.login.views.password import hand_out_session
from warehouse_mfa.sessions.interfaces import ISessionCookies
from warehouse_mfa.webauthn.interfaces import PasskeyUnknown


@view_defaults(permission=NO_PERMISSION_REQUIRED)
class PasskeyPage:
    def __init__(self, request: Request) -> None:
        self.request = request
        self.login: IPasskeyLoginService = request.find_service(IPasskeyLoginService)

    @view_config(route_name="login.passkey.options", request_method="GET")
    def options(self) -> Response:
        """Return the options of the ceremony, which are the same for everybody."""
        if self.request.identity:
            return self._logged_in_already()
        return Response(json_body=self.login.begin(anonymous_binding(self.request)))

    @view_config(route_name="login.passkey.validate", request_method="POST")
    def validate(self) -> Response:
        """Log in, or say why not."""
        if self.request.identity:
            return self._logged_in_already()
        form = PasskeyForm(self.request.form)
        if not form.validate():
            message = next(errors[0] for errors in form.errors.values() if errors)
            return fail(self.request, 422, message, "form")
        try:
            logged_in = self.login.complete(
                anonymous_binding(self.request),
                form.credential.data,
                next=safe_next(self.request, form.next.data),
                device_secret=self.request.find_service(ISessionCookies).device_secret(),
                client=self.request.remote_addr,
            )
        except PasskeyUnknown as unknown:
            return fail(self.request, 422, unknown.message, "unknown-passkey")
        except (FactorRejected, AccountIsFrozen) as refusal:
            return fail(self.request, 422, refusal.message, "rejected")
        hand_out_session(self.request, logged_in)
        return success(self.request, _("You are logged in."), logged_in.next)

    def _logged_in_already(self) -> Response:
        # A login on top of a session would mix two people; log out first.
        path = safe_next(self.request, None)
        message = _("You are logged in already.")
        return fail(self.request, 409, message, "logged-in", path)
