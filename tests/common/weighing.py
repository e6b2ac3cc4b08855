"""A site with an act of high impact: what is closed to who is on probation."""

from typing import Any

from pyramid.config import Configurator
from pyramid.request import Request
from pyramid.response import Response

from tests.common.site import Site
from warehouse_mfa.accounts.resources import OwnAccount
from warehouse_mfa.authz import Permission

ACT = "/manage/account/high-impact/"


def act(context: Any, request: Request) -> Response:
    return Response("done", content_type="text/plain")


class WeighingSite(Site):
    """The application, and a page of a package that somebody added to it."""

    def _extend(self, config: Configurator) -> None:
        super()._extend(config)
        config.add_route("tests.high-impact", ACT, factory=OwnAccount)
        for method in ("GET", "POST"):
            config.add_view(
                act,
                route_name="tests.high-impact",
                request_method=method,
                permission=Permission.ACCOUNT_READ,
                high_impact=True,
            )
