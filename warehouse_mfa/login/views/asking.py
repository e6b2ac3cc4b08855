"""Asking for a second factor: what the pages of login, step-up and reset have in common."""

import json
from abc import ABC, abstractmethod
from typing import Any

from pyramid.httpexceptions import HTTPNotFound
from pyramid.request import Request
from pyramid.response import Response

from warehouse_mfa.accounts.interfaces import PasswordRefused
from warehouse_mfa.factors.interfaces import (
    FactorForm,
    FactorNotSetUp,
    FactorRejected,
    HeldFactors,
    Prover,
)
from warehouse_mfa.http import SeeOther, fail, success
from warehouse_mfa.i18n import _
from warehouse_mfa.login.interfaces import FactorStopped


class AskingPage(ABC):
    """A page, `options` and `validate` for one factor, whichever it is.

    A subclass says for whom and on what occasion it is asked, and what a right answer does.
    """

    accepted = _("Thank you. Go on.")

    def __init__(self, request: Request, factor: Any, usable: tuple[Any, ...]) -> None:
        """`usable` are the factors that may be asked for here, strongest first."""
        self.request = request
        self.factor = factor
        self.usable = usable

    @abstractmethod
    def prover(self) -> Prover:
        """Return on whose behalf and on what occasion the factor is asked for."""

    @abstractmethod
    def accept(self, form: FactorForm) -> str:
        """Check an answer of the right shape, and return the path to go to next.

        :raises FactorRejected: :raises PasswordRefused: when the person can correct it.
        """

    @abstractmethod
    def path_of(self, factor: Any, name: str = "") -> str:
        """Return the path where this page asks for `factor`: the page, `options` or `validate`."""

    def form(self, data: Any = None) -> FactorForm:
        form: FactorForm = self.factor.form(data)
        return form

    def page(self, form: FactorForm) -> dict[str, Any]:
        return {
            "factor": self.factor,
            "form": form,
            "is_usable": self.factor in self.usable,
            "options_url": self.path_of(self.factor, "options"),
            "first_options": self._first_options(),
            "validate_url": self.path_of(self.factor, "validate"),
            "others": [
                {"title": factor.title, "url": self.path_of(factor)}
                for factor in self.usable
                if factor.name != self.factor.name
            ],
        }

    def _first_options(self) -> str | None:
        """Return what `options` answers now: the first try need not ask for it."""
        if self.factor not in self.usable:
            return None
        try:
            options = self.factor.begin(self.prover())
        except FactorNotSetUp:
            return None  # it was removed just now, and `options` says so
        return None if options is None else json.dumps(options, separators=(",", ":"))

    # Views

    def show(self) -> dict[str, Any] | Response:
        return self.page(self.form())

    def answer(self) -> dict[str, Any] | Response:
        form = self.form(self.request.form)
        if form.validate():
            try:
                return SeeOther(self.accept(form))
            except FactorStopped as stopped:
                self.usable = tuple(one for one in self.usable if one.name != self.factor.name)
                form.refuse(None, stopped.message)
            except FactorRejected as rejected:
                form.refuse_answer(rejected.message)
            except PasswordRefused as refused:
                form.refuse(refused.field, refused.message)
        form.forget_secrets()
        self.request.response.status_int = 422
        return self.page(form)

    def options(self) -> Response:
        try:
            options = self.factor.begin(self.prover())
        except FactorNotSetUp as rejected:
            return fail(self.request, 422, rejected.message, rejected.reason)
        if options is None:
            raise HTTPNotFound
        return Response(json_body=options)

    def validate(self) -> Response:
        form = self.form(self.request.form)
        if not form.validate():
            message = next(errors[0] for errors in form.errors.values() if errors)
            return fail(self.request, 422, message, "form")
        try:
            path = self.accept(form)
        except (FactorRejected, PasswordRefused) as refusal:
            return fail(self.request, 422, refusal.message, "rejected")
        return success(self.request, self.accepted, path)


def chosen(request: Request, held: HeldFactors) -> Any:
    """Return the factor that `?factor=` names by its segment, else the strongest.

    :raises HTTPNotFound: when the account has no such factor.
    """
    segment = request.GET.get("factor")
    for factor in held.usable or held.enrolled:
        if segment in (None, factor.segment):
            return factor
    raise HTTPNotFound
