"""Pages of recovery codes: shown once, one typed in again to prove that they are kept."""

from collections.abc import Callable
from typing import Any

from pyramid.request import Request
from pyramid.response import Response
from pyramid.view import view_config, view_defaults

from warehouse_mfa.authz import Identity, Permission
from warehouse_mfa.http import Kind, flash, see_other
from warehouse_mfa.i18n import _
from warehouse_mfa.recovery.forms import RedeemForm
from warehouse_mfa.recovery.interfaces import (
    CodesExist,
    IRecoveryCodeService,
    NoFactorYet,
    WrongRecoveryCode,
)


@view_defaults(permission=Permission.FACTORS_CHANGE)
class RecoveryCodesPage:
    def __init__(self, request: Request) -> None:
        self.request = request
        self.codes: IRecoveryCodeService = request.find_service(IRecoveryCodeService)

    @view_config(
        route_name="recovery.manage",
        request_method="GET",
        renderer="recovery/manage.html",
        require_step_up=True,
    )
    def show(self) -> dict[str, Any]:
        return self._page(RedeemForm())

    @view_config(
        route_name="recovery.generate",
        request_method="POST",
        renderer="recovery/codes.html",
        require_step_up="recovery.manage",
    )
    def generate(self) -> dict[str, Any] | Response:
        return self._show_once(self.codes.generate)

    @view_config(
        route_name="recovery.regenerate",
        request_method="POST",
        renderer="recovery/codes.html",
        require_step_up="recovery.manage",
    )
    def regenerate(self) -> dict[str, Any] | Response:
        return self._show_once(self.codes.regenerate)

    def _show_once(
        self, generate: Callable[[Identity], tuple[str, ...]]
    ) -> dict[str, Any] | Response:
        try:
            codes = generate(self.request.identity)
        except (NoFactorYet, CodesExist) as refusal:
            flash(self.request, refusal.message, Kind.WARNING)
            return see_other(self.request, "recovery.manage")
        return {"codes": codes, "form": RedeemForm()}

    @view_config(
        route_name="recovery.burn",
        request_method="POST",
        renderer="recovery/manage.html",
        require_step_up="recovery.manage",
    )
    def prove(self) -> dict[str, Any] | Response:
        form = RedeemForm(self.request.form)
        if form.validate():
            try:
                self.codes.prove(self.request.identity, form.answer)
            except WrongRecoveryCode as refusal:
                form.refuse("recovery_code_value", refusal.message)
            else:
                flash(
                    self.request, _("Your recovery codes are kept. The one you entered is used up.")
                )
                return see_other(self.request, "factors.manage")
        form.forget_secrets()
        self.request.response.status_int = 422
        return self._page(form)

    def _page(self, form: RedeemForm) -> dict[str, Any]:
        return {"form": form, "state": self.codes.state(self.request.identity.user_id)}
