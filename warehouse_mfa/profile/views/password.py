"""The page that changes the password."""

from typing import Any

from pyramid.request import Request
from pyramid.response import Response
from pyramid.view import view_config, view_defaults

from warehouse_mfa.accounts.interfaces import PasswordRefused
from warehouse_mfa.authz import Permission
from warehouse_mfa.http import flash, see_other
from warehouse_mfa.i18n import _
from warehouse_mfa.login.interfaces import IPasswordChangeService, PasswordRejected
from warehouse_mfa.profile.forms import PasswordChangeForm
from warehouse_mfa.sessions.interfaces import IDeviceService


@view_defaults(
    route_name="profile.password",
    renderer="profile/password.html",
    permission=Permission.PASSWORD_CHANGE,
    require_step_up=True,
)
class PasswordPage:
    def __init__(self, request: Request) -> None:
        self.request = request

    @view_config(request_method="GET")
    def show(self) -> dict[str, Any]:
        return {"form": PasswordChangeForm()}

    @view_config(request_method="POST")
    def change(self) -> dict[str, Any] | Response:
        form = PasswordChangeForm(self.request.form)
        if form.validate():
            try:
                self.request.find_service(IPasswordChangeService).change(
                    self.request.identity,
                    form.password.data,
                    form.new_password.data,
                    device=self.request.find_service(IDeviceService).asking(),
                    client=self.request.remote_addr,
                )
            except PasswordRejected:
                form.refuse("password", _("This is not your current password."))
            except PasswordRefused as refused:
                form.refuse("new_password", refused.message)
            else:
                flash(self.request, _("Your password is changed. All other sessions have ended."))
                return see_other(self.request, "profile.manage")
        self.request.response.status_int = 422
        return {"form": form}
