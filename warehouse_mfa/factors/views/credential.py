"""The pages that rename and remove one credential, whatever factor it belongs to."""

from typing import Any

from pyramid.request import Request
from pyramid.response import Response
from pyramid.view import view_config, view_defaults

from warehouse_mfa.authz import IActionConfirmation, Permission
from warehouse_mfa.factors.forms import RenameForm
from warehouse_mfa.factors.interfaces import (
    ConfirmationOwed,
    FactorCredential,
    IFactorChangeService,
    LabelInUse,
    LastFactor,
)
from warehouse_mfa.factors.resources import OwnCredential
from warehouse_mfa.http import Kind, SeeOther, flash, held, see_other
from warehouse_mfa.i18n import _


class CredentialPage:
    """What both pages have."""

    def __init__(self, context: OwnCredential, request: Request) -> None:
        self.request = request
        self.factor = context.factor
        assert context.credential is not None, "the permission is its owner's"
        self.credential: FactorCredential = context.credential
        self.changes: IFactorChangeService = request.find_service(IFactorChangeService)


@view_defaults(
    route_name="factors.rename",
    context=OwnCredential,
    renderer="factors/rename.html",
    permission=Permission.FACTORS_CHANGE,
    require_step_up=True,
)
class RenamePage(CredentialPage):
    @view_config(request_method="GET")
    def show(self) -> dict[str, Any]:
        return self._page(RenameForm(held.take(self.request), label=self.credential.label))

    @view_config(request_method="POST")
    def rename(self) -> dict[str, Any] | Response:
        form = RenameForm(self.request.form)
        if form.validate():
            try:
                self.changes.rename(self.request.identity, self.credential, form.label.data)
            except LabelInUse as refusal:
                form.refuse("label", refusal.message)
            else:
                flash(self.request, _("The new name is kept."))
                return see_other(self.request, "factors.manage")
        self.request.response.status_int = 422
        return self._page(form)

    def _page(self, form: RenameForm) -> dict[str, Any]:
        return {"factor": self.factor, "credential": self.credential, "form": form}


@view_defaults(
    route_name="factors.remove",
    context=OwnCredential,
    permission=Permission.FACTORS_CHANGE,
    require_step_up=True,
)
class RemovePage(CredentialPage):
    @view_config(request_method="GET", renderer="factors/remove.html")
    def ask(self) -> dict[str, Any]:
        return {"factor": self.factor, "credential": self.credential}

    @view_config(request_method="POST")
    def remove(self) -> Response:
        try:
            self.changes.remove(self.request.identity, self.credential)
        except ConfirmationOwed:
            target = f"{self.credential.factor}/{self.credential.id}"
            act_id = self.request.find_service(IActionConfirmation).ask(
                self.request.identity, "account:factor:remove", target
            )
            return SeeOther(self.request.route_path("login.confirm-act", act_id=act_id))
        except LastFactor as refusal:
            flash(self.request, refusal.message, Kind.ERROR)
            return SeeOther(self.request.path)
        flash(self.request, _("It is removed. All other sessions have ended."))
        return see_other(self.request, "factors.manage")
