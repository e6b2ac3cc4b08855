"""When everything is lost: what to try first, and a request to the people who run the site."""

from typing import Any

from pyramid.request import Request
from pyramid.response import Response
from pyramid.security import NO_PERMISSION_REQUIRED
from pyramid.view import view_config, view_defaults

from warehouse_mfa.accounts.interfaces import AddressRefused
from warehouse_mfa.http import flash, see_other
from warehouse_mfa.i18n import _
from warehouse_mfa.login.forms import LostForm
from warehouse_mfa.login.interfaces import WAIT, ILostService, Loss, NamedByOtherAddress
from warehouse_mfa.mail.interfaces import ITokenService, Purpose


@view_defaults(
    route_name="login.lost", renderer="login/lost.html", permission=NO_PERMISSION_REQUIRED
)
class LostPage:
    """Takes any name and any password, and says the same for each."""

    def __init__(self, request: Request) -> None:
        self.request = request

    @view_config(request_method="GET")
    def show(self) -> dict[str, Any]:
        return self._page(LostForm())

    @view_config(request_method="POST")
    def ask(self) -> dict[str, Any] | Response:
        form = LostForm(self.request.form)
        if form.validate():
            try:
                self.request.find_service(ILostService).ask(
                    Loss(
                        form.username.data,
                        form.email.data,
                        form.statement.data,
                        form.password.data,
                    ),
                    client=self.request.remote_addr,
                )
            except (AddressRefused, NamedByOtherAddress) as refusal:
                form.refuse(refusal.field, refusal.message)
            else:
                flash(
                    self.request,
                    _(
                        "If there is an account of that name, a mail is on its way to the address "
                        "that you gave. Your request counts once you have opened the link in it."
                    ),
                )
                return see_other(self.request, "login.password")
        form.forget_secrets()
        self.request.response.status_int = 422
        return self._page(form)

    def _page(self, form: LostForm) -> dict[str, Any]:
        return {"form": form, "days": WAIT.days}


@view_defaults(route_name="login.lost.confirm", permission=NO_PERMISSION_REQUIRED)
class ConfirmPage:
    """Shows that a mailbox is read. It logs nobody in, and changes nothing about the account."""

    def __init__(self, request: Request) -> None:
        self.request = request
        self.tokens: ITokenService = request.find_service(ITokenService)
        self.service: ILostService = request.find_service(ILostService)

    @view_config(request_method="GET", renderer="login/lost_confirm.html")
    def show(self) -> dict[str, Any]:
        return {"username": self.service.username_of(self._carried())}

    @view_config(request_method="POST", renderer="login/lost_confirmed.html")
    def confirm(self) -> dict[str, Any]:
        confirmed = self.service.confirm(self._carried())
        self.tokens.drop(self.request)
        return {"username": confirmed.username, "waits_until": confirmed.waits_until}

    def _carried(self) -> str:
        return self.tokens.carried(self.request, Purpose.CONFIRM_LOSS)
