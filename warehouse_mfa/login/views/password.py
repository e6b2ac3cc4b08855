"""The first step: who, and the password."""

from functools import cached_property
from typing import Any

from pyramid.request import Request
from pyramid.response import Response
from pyramid.security import NO_PERMISSION_REQUIRED
from pyramid.view import view_config, view_defaults

from warehouse_mfa.accounts.interfaces import PasswordRefused
from warehouse_mfa.http import SeeOther, safe_next, suggest_language
from warehouse_mfa.login.forms import PasswordForm
from warehouse_mfa.login.interfaces import (
    AccountIsFrozen,
    FactorOwed,
    ILoginService,
    LoggedInSession,
    PasswordIsBreached,
    PasswordRejected,
)
from warehouse_mfa.login.resources import COOKIE
from warehouse_mfa.sessions.interfaces import ISessionCookies


@view_defaults(
    route_name="login.password",
    renderer="login/password.html",
    permission=NO_PERMISSION_REQUIRED,
)
class PasswordPage:
    def __init__(self, request: Request) -> None:
        self.request = request

    @cached_property
    def login(self) -> ILoginService:
        service: ILoginService = self.request.find_service(ILoginService)
        return service

    @view_config(request_method="GET")
    def show(self) -> dict[str, Any] | Response:
        wanted = self.request.GET.get("next", "")
        if self.request.identity:
            return SeeOther(safe_next(self.request, wanted))
        next = safe_next(self.request, wanted) if wanted else ""
        secret = COOKIE.secret(self.request)
        # To find the service makes a dozen others, which most visitors of this page do not need.
        interrupted = self.login.interrupted(secret) if secret else None
        if interrupted is None:
            return {"form": PasswordForm(next=next)}
        return {"form": PasswordForm(username=interrupted.username, next=next or interrupted.next)}

    @view_config(request_method="POST")
    def check(self) -> dict[str, Any] | Response:
        if self.request.identity:
            # A login on top of a session would mix two people; log out first.
            return SeeOther(safe_next(self.request, None))
        form = PasswordForm(self.request.form)
        if form.validate():
            try:
                outcome = self.login.begin(
                    form.username.data,
                    form.password.data,
                    next=safe_next(self.request, form.next.data),
                    device_secret=self.request.find_service(ISessionCookies).device_secret(),
                    client=self.request.remote_addr,
                )
            except (PasswordRejected, AccountIsFrozen, PasswordIsBreached) as rejected:
                form.refuse(None, rejected.message)
            except PasswordRefused as refused:
                form.refuse("password", refused.message)
            else:
                return self._go_on(outcome)
        self.request.response.status_int = 422
        return {"form": form}

    def _go_on(self, outcome: FactorOwed | LoggedInSession) -> Response:
        if isinstance(outcome, FactorOwed):
            COOKIE.hand_out(self.request, outcome.secret)
            strongest = outcome.factors[0]
            return SeeOther(
                self.request.route_path("login.factor", traverse=(strongest.segment, ""))
            )
        hand_out_session(self.request, outcome)
        return SeeOther(outcome.next)


def hand_out_session(request: Request, logged_in: LoggedInSession) -> None:
    """Hand out the cookies of a complete login."""
    cookies: ISessionCookies = request.find_service(ISessionCookies)
    cookies.hand_out(logged_in.session)
    if logged_in.device_secret is not None:
        cookies.hand_out_device(logged_in.device_secret)
    if logged_in.remember_secret is not None:
        cookies.hand_out_remembered(logged_in.remember_secret)
    suggest_language(request, logged_in.locale)
    COOKIE.clear_later(request)
