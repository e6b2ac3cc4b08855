"""The page that deletes the account: what goes, what stays, and the username typed."""

from typing import Any

from pyramid.request import Request
from pyramid.response import Response
from pyramid.view import view_config, view_defaults

from warehouse_mfa.authz import IActionConfirmation, Permission
from warehouse_mfa.http import SeeOther, held
from warehouse_mfa.i18n import _
from warehouse_mfa.profile.forms import DeletionForm

ANOTHER_NAME = _("This is not your username. Enter it as it stands above.")


@view_defaults(
    route_name="profile.delete",
    renderer="profile/delete.html",
    permission=Permission.ACCOUNT_DELETE,
    require_step_up=True,
    high_impact=True,
)
class DeletionPage:
    def __init__(self, request: Request) -> None:
        self.request = request
        self.confirmation: IActionConfirmation = request.find_service(IActionConfirmation)
        self.obstacle = self.confirmation.obstacle(request.identity)

    @view_config(request_method="GET")
    def show(self) -> dict[str, Any]:
        return self._page(DeletionForm(held.take(self.request)))

    @view_config(request_method="POST")
    def ask(self) -> dict[str, Any] | Response:
        identity, form = self.request.identity, DeletionForm(self.request.form)
        if form.validate() and form.confirmation.data != identity.username:
            form.refuse("confirmation", ANOTHER_NAME)
        if self.obstacle is None and not form.errors:
            act_id = self.confirmation.ask(identity, "account:delete")
            return SeeOther(self.request.route_path("login.confirm-act", act_id=act_id))
        self.request.response.status_int = 422
        return self._page(form)

    def _page(self, form: DeletionForm) -> dict[str, Any]:
        way = None
        if self.obstacle is not None:
            query = {"next": self.request.path}
            way = self.request.route_path(self.obstacle.route, _query=query)
        return {"form": form, "obstacle": self.obstacle, "way": way}
