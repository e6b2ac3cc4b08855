"""Pages of accounts: registration, and the page behind a verification link."""

from typing import Any

from pyramid.request import Request
from pyramid.response import Response
from pyramid.security import NO_PERMISSION_REQUIRED
from pyramid.view import view_config, view_defaults

from warehouse_mfa.accounts.forms import RegistrationForm
from warehouse_mfa.accounts.interfaces import (
    AccountRefusal,
    Claim,
    IEmailService,
    IRegistrationService,
    NewAccount,
)
from warehouse_mfa.http import BadInput, SeeOther, flash, safe_next, see_other
from warehouse_mfa.i18n import _
from warehouse_mfa.mail.interfaces import ITokenService, Purpose
from warehouse_mfa.sessions.interfaces import ISessionCookies

OUTCOMES = {"verify": "verified", "disown": "disowned"}


@view_defaults(
    route_name="accounts.register",
    renderer="accounts/register.html",
    permission=NO_PERMISSION_REQUIRED,
)
class RegisterPage:
    def __init__(self, request: Request) -> None:
        self.request = request

    @view_config(request_method="GET")
    def show(self) -> dict[str, Any] | Response:
        if self.request.identity:
            return SeeOther(safe_next(self.request, None))
        return {"form": RegistrationForm()}

    @view_config(request_method="POST")
    def register(self) -> dict[str, Any] | Response:
        if self.request.identity:
            return SeeOther(safe_next(self.request, None))
        form = RegistrationForm(self.request.form)
        if form.validate():
            try:
                started = self.request.find_service(IRegistrationService).register(
                    NewAccount(
                        username=form.username.data,
                        email=form.email.data,
                        name=form.full_name.data,
                        password=form.new_password.data,
                    ),
                    address_of_client=self.request.remote_addr,
                )
            except AccountRefusal as refusal:
                form.refuse(refusal.field, refusal.message)
            else:
                self.request.find_service(ISessionCookies).hand_out(started)
                return SeeOther(self.request.route_path("profile.unverified"))
        self.request.response.status_int = 422
        return {"form": form}


@view_defaults(route_name="accounts.verify-email", permission=NO_PERMISSION_REQUIRED)
class VerifyEmailPage:
    """The link verifies an address; it never logs in, and looking at it changes nothing."""

    def __init__(self, request: Request) -> None:
        self.request = request
        self.tokens: ITokenService = request.find_service(ITokenService)
        self.emails: IEmailService = request.find_service(IEmailService)

    @view_config(request_method="GET", renderer="accounts/verify_email.html")
    def show(self) -> dict[str, Any]:
        return _page(self.emails.claim_of(self._carried()))

    @view_config(request_method="POST", renderer="accounts/verify_email_done.html")
    def decide(self) -> dict[str, Any] | Response:
        decisions = {"verify": self.emails.verify, "disown": self.emails.disown}
        decide = decisions.get(self.request.form.get("decision", ""))
        if decide is None:
            raise BadInput(_("Say whether this is your account."), "decision")
        claim = decide(self._carried())
        self.tokens.drop(self.request)
        outcome = OUTCOMES[self.request.form["decision"]]
        identity = self.request.identity
        is_here = identity is not None and identity.user_id == claim.email.user_id
        if outcome == "verified" and is_here and not claim.is_additional:
            # Whoever registered in this browser goes on without another page between.
            flash(self.request, _("Your address is verified."))
            return see_other(self.request, "factors.manage")
        return {"outcome": outcome, **_page(claim)}

    def _carried(self) -> str:
        return self.tokens.carried(self.request, Purpose.VERIFY_EMAIL)


def _page(claim: Claim) -> dict[str, Any]:
    return {
        "username": claim.username,
        "address": claim.email.address,
        "is_additional": claim.is_additional,
    }
