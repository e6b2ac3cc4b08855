"""The page of all addresses."""

from typing import Any
from uuid import UUID

from pyramid.request import Request
from pyramid.response import Response
from pyramid.view import view_config, view_defaults

from warehouse_mfa.accounts.forms import EmailForm
from warehouse_mfa.accounts.interfaces import AddressBookRefusal, IAddressBook, IEmailService
from warehouse_mfa.authz import Permission
from warehouse_mfa.http import BadInput, flash, held, see_other
from warehouse_mfa.i18n import _


@view_defaults(
    route_name="profile.emails",
    renderer="profile/emails.html",
    permission=Permission.ADDRESSES_CHANGE,
    require_step_up=True,
)
class EmailsPage:
    """One form adds an address; beside each address, a button for everything that can be done."""

    def __init__(self, request: Request) -> None:
        self.request = request
        self.book: IAddressBook = request.find_service(IAddressBook)

    @view_config(request_method="GET")
    def show(self) -> dict[str, Any]:
        return self._page(EmailForm(held.take(self.request)))

    @view_config(request_method="POST")
    def change(self) -> dict[str, Any] | Response:
        sent = self.request.form
        form = EmailForm(sent)
        try:
            if "delete_email_id" in self.request.form:
                return self._remove(_id(sent["delete_email_id"]))
            if "primary_email_id" in self.request.form:
                return self._make_primary(_id(sent["primary_email_id"]))
            if "reverify_email_id" in self.request.form:
                return self._send_again(_id(sent["reverify_email_id"]))
            if form.validate():
                return self._add(form.email.data)
        except AddressBookRefusal as refusal:
            form.refuse(refusal.field, refusal.message)
        self.request.response.status_int = 422
        return self._page(form)

    def _add(self, address: str) -> Response:
        self.book.add(self.request.identity, address, address_of_client=self.request.remote_addr)
        return self._done(_("We have sent a mail to the new address. Open the link in it."))

    def _remove(self, email_id: UUID) -> Response:
        self.book.remove(self.request.identity, email_id)
        return self._done(_("The address is removed."))

    def _make_primary(self, email_id: UUID) -> Response:
        self.book.make_primary(self.request.identity, email_id)
        return self._done(_("Your primary address is changed. All other sessions have ended."))

    def _send_again(self, email_id: UUID) -> Response:
        emails: IEmailService = self.request.find_service(IEmailService)
        emails.send_verification(
            self.request.identity.user_id, email_id, address_of_client=self.request.remote_addr
        )
        return self._done(_("If you did not get the mail yet, it is on its way again."))

    def _done(self, message: str) -> Response:
        flash(self.request, message)
        return see_other(self.request, "profile.emails")

    def _page(self, form: EmailForm) -> dict[str, Any]:
        return {"form": form, "addresses": self.book.addresses(self.request.identity.user_id)}


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise BadInput(_("Say which address is meant."), "email-id") from error
