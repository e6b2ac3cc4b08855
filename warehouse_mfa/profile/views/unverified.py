"""The page while nothing is verified."""

from typing import Any
from uuid import UUID

from pyramid.request import Request
from pyramid.response import Response
from pyramid.view import view_config, view_defaults

from warehouse_mfa.accounts.forms import EmailForm
from warehouse_mfa.accounts.interfaces import AccountRefusal, IEmailService
from warehouse_mfa.authz import Permission
from warehouse_mfa.http import Kind, SeeOther, flash
from warehouse_mfa.i18n import _


@view_defaults(
    route_name="profile.unverified",
    renderer="profile/unverified.html",
    permission=Permission.ACCOUNT_SET_UP,
)
class UnverifiedPage:
    """Where a new account waits for its link to be opened."""

    def __init__(self, request: Request) -> None:
        self.request = request
        self.emails: IEmailService = request.find_service(IEmailService)

    @view_config(request_method="GET")
    def show(self) -> dict[str, Any] | Response:
        if self.request.identity.is_verified:
            return SeeOther(self.request.route_path("factors.manage"))
        if "check" in self.request.GET:
            flash(
                self.request,
                _("The address is not verified yet. Open the link in the mail first."),
                Kind.WARNING,
            )
            return SeeOther(self.request.path)
        return self._page(EmailForm())

    @view_config(request_method="POST")
    def change(self) -> dict[str, Any] | Response:
        if self.request.identity.is_verified:
            return SeeOther(self.request.route_path("factors.manage"))
        if "reverify_email_id" in self.request.form:
            return self._send_again()
        form = EmailForm(self.request.form)
        if form.validate():
            try:
                self.emails.claim_instead(
                    self.request.identity.user_id,
                    form.email.data,
                    address_of_client=self.request.remote_addr,
                )
            except AccountRefusal as refusal:
                form.refuse(refusal.field, refusal.message)
            else:
                flash(self.request, _("We have sent a mail to the new address."))
                return SeeOther(self.request.path)
        self.request.response.status_int = 422
        return self._page(form)

    def _send_again(self) -> Response:
        try:
            email_id = UUID(self.request.form["reverify_email_id"])
        except ValueError:
            return SeeOther(self.request.path)
        self.emails.send_verification(
            self.request.identity.user_id, email_id, address_of_client=self.request.remote_addr
        )
        flash(self.request, _("If you did not get the mail yet, it is on its way again."))
        return SeeOther(self.request.path)

    def _page(self, form: EmailForm) -> dict[str, Any]:
        email = self.emails.primary(self.request.identity.user_id)
        return {
            "form": form,
            "address": email.address if email else None,
            "email_id": email.id if email else None,
        }
