"""The page that enrolls an authenticator application."""

import base64
from datetime import timedelta
from typing import Any

from pyramid.httpexceptions import HTTPNotFound
from pyramid.path import DottedNameResolver
from pyramid.request import Request
from pyramid.response import Response
from pyramid.view import view_config, view_defaults

from warehouse_mfa.authz import IFactorPolicy, Permission
from warehouse_mfa.factors.interfaces import IFactorChangeService
from warehouse_mfa.http import Kind, SealedCookie, SeeOther, flash, held, see_other
from warehouse_mfa.i18n import _
from warehouse_mfa.totp.forms import EnrollForm
from warehouse_mfa.totp.interfaces import Enrollment, EnrollmentRefused, ITOTPService

# The secret stays in the browser, sealed, until its first code: nothing half-made is stored, and a
# reload shows the same key.
COOKIE = SealedCookie("enroll", max_age=timedelta(minutes=10))
DRAW = "warehouse_mfa.totp.drawing.svg"
DEFAULT_LABEL = _("My authenticator app")


class PendingEnrollment:
    """The enrollment that this browser is in the middle of."""

    def __init__(self, request: Request) -> None:
        if not request.find_service(IFactorPolicy).counts("totp"):
            # An app would open nothing here, and cost this session what its key has opened.
            raise HTTPNotFound
        self._request = request
        identity = request.identity
        # The epoch rises with what is enrolled: a cookie that somebody kept enrolls nothing more.
        self._whose = [str(identity.user_id), str(identity.family_id), identity.security_epoch]
        self._totp: ITOTPService = request.find_service(ITOTPService)

    def current(self) -> Enrollment | None:
        """Return the one under way: of this account as it is, in this session's family, not too old."""
        value = COOKIE.open(self._request)
        if not isinstance(value, list) or value[:-1] != self._whose:
            return None
        return self._totp.begin_enrollment(
            self._request.identity.username, base64.b64decode(value[-1])
        )

    def start(self) -> Enrollment:
        """Begin another, with a new secret."""
        enrollment = self._totp.begin_enrollment(self._request.identity.username)
        value = [*self._whose, base64.b64encode(enrollment.secret).decode()]
        COOKIE.write_later(self._request, COOKIE.seal(self._request, value))
        return enrollment

    def forget(self) -> None:
        COOKIE.clear_later(self._request)


@view_defaults(
    route_name="totp.provision",
    renderer="totp/enroll.html",
    permission=Permission.FACTORS_ENROLL,
    require_step_up=True,
)
class EnrollPage:
    def __init__(self, request: Request) -> None:
        self.request = request
        self.pending = PendingEnrollment(request)

    @view_config(request_method="GET")
    def show(self) -> dict[str, Any]:
        enrollment = self.pending.current() or self.pending.start()
        label = self.request.localizer.translate(DEFAULT_LABEL)
        return self._page(EnrollForm(held.take(self.request), label=label), enrollment)

    @view_config(request_method="POST")
    def enroll(self) -> dict[str, Any] | Response:
        if "start_again" in self.request.form:
            self.pending.start()
            return SeeOther(self.request.path)
        enrollment = self.pending.current()
        if enrollment is None:
            flash(
                self.request,
                _("The setup key was too old. Here is a new one: scan it again."),
                Kind.WARNING,
            )
            return SeeOther(self.request.path)
        form = EnrollForm(self.request.form)
        if form.validate():
            try:
                self.request.find_service(ITOTPService).complete_enrollment(
                    self.request.identity,
                    enrollment.secret,
                    label=form.label.data,
                    code=form.totp_value.data,
                )
            except EnrollmentRefused as refusal:
                form.refuse(refusal.field, refusal.message)
            else:
                self.pending.forget()
                flash(self.request, _("Your authenticator app is set up."))
                return see_other(
                    self.request,
                    self.request.find_service(IFactorChangeService).route_after_adding(
                        self.request.identity.user_id
                    ),
                )
        form.forget_secrets()
        self.request.response.status_int = 422
        return self._page(form, enrollment)

    def _page(self, form: EnrollForm, enrollment: Enrollment) -> dict[str, Any]:
        return {
            "form": form,
            "secret_groups": enrollment.groups,
            "provisioning_uri": enrollment.provisioning_uri,
        }


@view_config(
    route_name="totp.image",
    request_method="GET",
    permission=Permission.FACTORS_ENROLL,
    require_step_up="totp.provision",
)
def image(request: Request) -> Response:
    """Return the QR code of the enrollment under way, as SVG: dark on white, with a quiet zone."""
    enrollment = PendingEnrollment(request).current()
    if enrollment is None:
        return Response(status=404, content_type="text/plain", text="")
    drawing = DottedNameResolver().resolve(DRAW)(enrollment.provisioning_uri)
    return Response(drawing, content_type="image/svg+xml", charset="utf-8")
