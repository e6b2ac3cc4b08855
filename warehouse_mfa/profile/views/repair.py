"""The guided repair: through everything that somebody else may have changed, to "all is in order"."""

from datetime import timedelta
from typing import Any

from pyramid.request import Request
from pyramid.response import Response
from pyramid.view import view_config

from warehouse_mfa.accounts.interfaces import HoldRefusal, IPublishingHold
from warehouse_mfa.authz import Permission
from warehouse_mfa.clock import IClock
from warehouse_mfa.events.interfaces import IEventHistory
from warehouse_mfa.factors.interfaces import IFactorService
from warehouse_mfa.http import Kind, flash, see_other
from warehouse_mfa.i18n import _
from warehouse_mfa.profile.history import line_of
from warehouse_mfa.profile.repair import STEP_OF, stops

LATELY = timedelta(days=14)  # as long as a link of a mail works
MOST_OF_EACH = 3


@view_config(
    route_name="profile.repair",
    request_method="GET",
    renderer="profile/repair.html",
    permission=Permission.ACCOUNT_READ,
)
def repair(request: Request) -> dict[str, Any]:
    """Show the walk, with what was changed lately."""
    since = request.find_service(IClock).now() - LATELY
    entries = request.find_service(IEventHistory).lately(
        request.identity.user_id, STEP_OF.keys(), since, MOST_OF_EACH
    )
    titles = {factor.name: factor.title for factor in request.find_service(IFactorService).all()}
    return {
        "days": LATELY.days,
        "stops": [
            {"step": stop.step, "lines": [line_of(entry, titles) for entry in stop.entries]}
            for stop in stops(entries)
        ],
    }


@view_config(
    route_name="profile.repair.finish",
    request_method="POST",
    permission=Permission.PUBLISHING_RELEASE,
    require_step_up="profile.repair",
)
def finish(request: Request) -> Response:
    """Everything is in order: let publishing go on."""
    try:
        request.find_service(IPublishingHold).lift(request.identity)
    except HoldRefusal as refusal:
        flash(request, refusal.message, Kind.WARNING)
        return see_other(request, "profile.repair")
    flash(request, _("Publishing in your name goes on."))
    return see_other(request, "profile.manage")
