"""A page that shows something secret fails its test, through the collecting that all tests do."""

from typing import Any

import pytest
from pyramid.config import Configurator
from pyramid.request import Request
from pyramid.response import Response
from pyramid.security import NO_PERMISSION_REQUIRED
from sqlalchemy import insert

from tests.common.secrecy import SecretShown
from tests.common.site import Site, origin_for
from warehouse_mfa import logs
from warehouse_mfa.db import new_id, table_of
from warehouse_mfa.login.models import ResetRequest

log = logs.get("tests.careless")


def _log(request: Request) -> None:
    log.info("careless", cookies=dict(request.cookies))


def _store(request: Request) -> None:
    row = {"id": new_id(), "client": "192.0.2.1", "created_at": request.registry["clock"].now()}
    (secret,) = [value for name, value in request.cookies.items() if name.endswith("session")]
    request.db.execute(insert(table_of(ResetRequest)), {**row, "typed_name": secret})


class CarelessSite(Site):
    """Ours, and two pages more that give their visitor away."""

    def _extend(self, config: Configurator) -> None:
        super()._extend(config)
        config.registry["clock"] = self.clock
        for name, act in (("log", _log), ("store", _store)):
            config.add_route(name, f"/{name}")
            config.add_view(
                _page(act), route_name=name, permission=NO_PERMISSION_REQUIRED, csrf=False
            )


def _page(act: Any) -> Any:
    def page(context: object, request: Request) -> Response:
        act(request)
        return Response("Done.")

    return page


@pytest.mark.parametrize(
    ("path", "place"), [("/log", "session in log"), ("/store", "session in table reset_requests")]
)
def test_a_cookie_that_was_given_away_is_found_when_the_database_is_emptied(
    database_url: str, path: str, place: str
) -> None:
    site = CarelessSite(database_url, origin_for(database_url))
    visitor = site.visitor()
    visitor.give_password(site.person("dave"))
    visitor.post(path, status=200)

    with pytest.raises(SecretShown, match=place):
        site.reset()
    site.close()
