"""Confirming an act of high impact: what will be done, and a factor for just that."""

import hashlib
from typing import Any

from pyramid.request import Request
from pyramid.response import Response
from pyramid.view import exception_view_config, view_config, view_defaults

from warehouse_mfa.authz import ActRefused, Permission
from warehouse_mfa.factors.interfaces import FactorForm, HeldFactors, Prover
from warehouse_mfa.http import error_answer, flash
from warehouse_mfa.i18n import _
from warehouse_mfa.login.interfaces import ActGone, IConfirmationService
from warehouse_mfa.login.resources import OwnAct
from warehouse_mfa.login.views.asking import AskingPage, chosen
from warehouse_mfa.sessions.interfaces import IDeviceService


@view_config(
    route_name="login.confirm-act",
    attr="show",
    request_method="GET",
    renderer="login/confirm_act.html",
)
@view_config(
    route_name="login.confirm-act",
    attr="answer",
    request_method="POST",
    renderer="login/confirm_act.html",
)
@view_config(route_name="login.confirm-act.options", attr="options", request_method="GET")
@view_config(route_name="login.confirm-act.validate", attr="validate", request_method="POST")
@view_defaults(context=OwnAct, permission=Permission.ACT_CONFIRM, high_impact=True)
class ConfirmPage(AskingPage):
    def __init__(self, context: OwnAct, request: Request) -> None:
        assert context.asked is not None, "the permission is its owner's"
        self.service: IConfirmationService = request.find_service(IConfirmationService)
        self.confirmable = self.service.confirmable(request.identity, context.asked)
        self.asked = context.asked
        confirming = self.confirmable.confirming
        super().__init__(request, chosen(request, HeldFactors(confirming, confirming)), confirming)

    def prover(self) -> Prover:
        return self.service.prover(self.request.identity, self.asked)

    def accept(self, form: FactorForm) -> str:
        performed = self.service.complete(
            self.request.identity,
            self.confirmable,
            self.factor,
            form.answer,
            device=self.request.find_service(IDeviceService).asking(),
            client=self.request.remote_addr,
        )
        flash(self.request, performed.message)
        path: str = self.request.route_path(performed.route)
        return path

    def path_of(self, factor: Any, name: str = "") -> str:
        route = f"login.confirm-act.{name}" if name else "login.confirm-act"
        path: str = self.request.route_path(
            route, act_id=self.asked.id, _query={"factor": factor.segment}
        )
        return path

    def page(self, form: FactorForm) -> dict[str, Any]:
        act = self.confirmable.act
        return {
            **super().page(form),
            "act": act,
            "sentence": act.sentence % self.confirmable.about,
            "asked": self.asked,
            "facts": self.asked.facts.decode(),
            "digest": hashlib.sha256(self.asked.facts).hexdigest(),
        }


@exception_view_config(ActGone)
def act_gone(error: ActGone, request: Request) -> Response:
    return error_answer(
        request,
        410,
        _("This cannot be confirmed any more"),
        error.message,
        error.reason,
        action=(request.route_path("profile.manage"), _("Back to your account")),
    )


@exception_view_config(ActRefused)
def act_refused(error: ActRefused, request: Request) -> Response:
    return error_answer(
        request,
        403,
        _("This cannot be confirmed here"),
        error.message,
        "act-refused",
        action=(request.route_path(error.route), error.text),
    )
