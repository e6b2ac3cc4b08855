"""Probation: for a while after what a thief would do, nothing that cannot be undone.

A view that says `high_impact=True` is closed meanwhile. Everything else goes on.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from pyramid.config import Configurator
from pyramid.request import Request
from pyramid.response import Response
from translationstring import TranslationString
from zope.interface import Interface

from warehouse_mfa.i18n import _

View = Callable[[Any, Request], Response]


class Cause(StrEnum):
    """Why an account is on probation."""

    RECOVERY_CODE = "recovery-code"
    RESET = "reset"
    PRIMARY_ADDRESS = "primary-address"
    FACTOR_ADDED = "factor-added"
    FACTOR_REMOVED = "factor-removed"
    # These have no end of their own: what they name ends them.
    CODES_NOT_PROVED = "codes-not-proved"
    REDUCED_SESSION = "reduced-session"
    PUBLISHING_HELD = "publishing-held"


WHY = {
    Cause.RECOVERY_CODE: _("A recovery code was used."),
    Cause.RESET: _("The password was reset with a mailed link."),
    Cause.PRIMARY_ADDRESS: _("Another address became the primary one."),
    Cause.FACTOR_ADDED: _("A second factor was added by somebody who came in with a weaker one."),
    Cause.FACTOR_REMOVED: _(
        "A second factor was removed by somebody who came in with a weaker one."
    ),
    Cause.CODES_NOT_PROVED: _("Nobody has shown yet that your recovery codes are kept."),
    Cause.REDUCED_SESSION: _("You came in with a weaker second factor than your account has."),
    Cause.PUBLISHING_HELD: _("Somebody who got a security notice said “This was not me”."),
}
# Another release may have written it, while this one is still serving.
WHY_UNKNOWN = _("Something about your account was changed lately.")


@dataclass(frozen=True, slots=True)
class Probation:
    """Acts of high impact have to wait."""

    cause: str
    """A `Cause`, or what a later release calls one."""
    until: datetime | None
    """When it ends by itself; `None` when something else must end it."""

    @property
    def why(self) -> TranslationString:
        return next((words for cause, words in WHY.items() if cause == self.cause), WHY_UNKNOWN)


class OnProbation(Exception):
    """What was asked for has high impact, and has to wait."""

    def __init__(self, probation: Probation) -> None:
        super().__init__(probation.cause)
        self.probation = probation


class IProbation(Interface):
    """Tells whether acts of high impact have to wait; `login` implements it.

    Such an act cannot be undone, or is just what a thief came for: deleting, giving away.
    """

    def of(identity: Any) -> Probation | None:
        """Return what keeps this session from acts of high impact now, `None` for nothing."""


def high_impact_deriver(view: View, info: Any) -> View:
    """Close a view with `high_impact=True` to who is on probation. :raises OnProbation: then."""
    if not info.options.get("high_impact"):
        return view

    def wrapped(context: Any, request: Request) -> Response:
        probation = request.find_service(IProbation).of(request.identity)
        if probation is not None:
            raise OnProbation(probation)
        return view(context, request)

    return wrapped


high_impact_deriver.options = ("high_impact",)  # type: ignore[attr-defined]


def includeme(config: Configurator) -> None:
    # Behind step-up, which with another factor may end it.
    config.add_view_deriver(high_impact_deriver, name="high_impact", under="step_up")
