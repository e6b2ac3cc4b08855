"""A site with pages that go wrong, so that every kind of answer can be looked at."""

from collections.abc import Iterator
from typing import Any

import pytest
from pyramid.config import Configurator
from pyramid.request import Request
from pyramid.response import Response
from pyramid.security import NO_PERMISSION_REQUIRED
from transaction.interfaces import TransientError

from tests.common.production import production_site
from tests.common.site import Site, origin_for
from warehouse_mfa.http import Unavailable, flash, keep_language


def _forgotten(context: Any, request: Request) -> Response:
    return Response("Nobody should read this.")


def _broken(context: Any, request: Request) -> Response:
    raise RuntimeError("a mistake, with a-secret-inside")


def _unavailable(context: Any, request: Request) -> Response:
    raise Unavailable


def _lost(context: Any, request: Request) -> Response:
    """Promise something, and fail when it is to last."""
    flash(request, "Your wish was granted.")
    keep_language(request, "fr")
    request.tm.get().addBeforeCommitHook(_unavailable, (context, request))
    return Response("granted")


def _tried_twice(context: Any, request: Request) -> Response:
    """Promise something, and fail the first time."""
    flash(request, "Your wish was granted.")
    keep_language(request, "fr")
    if request.environ["retry.attempt"] == 0:
        raise TransientError
    return Response("granted")


WRONG = {
    "broken": _broken,
    "unavailable": _unavailable,
    "lost": _lost,
    "tried-twice": _tried_twice,
}


class RiggedSite(Site):
    """Ours, and some pages more: one that names no permission, and those that fail."""

    def _extend(self, config: Configurator) -> None:
        super()._extend(config)
        for name, view in WRONG.items():
            config.add_route(name, f"/{name}")
            config.add_view(view, route_name=name, permission=NO_PERMISSION_REQUIRED)
        config.add_route("forgotten", "/forgotten")
        config.add_view(_forgotten, route_name="forgotten")


@pytest.fixture(scope="session")
def configured_rigged_site(database_url: str) -> Iterator[RiggedSite]:
    origin = origin_for(database_url)
    site = RiggedSite(database_url, origin, limit_login_address="2 per 5 minutes")
    yield site
    site.close()


@pytest.fixture
def rigged_site(configured_rigged_site: RiggedSite) -> Iterator[RiggedSite]:
    """The site with pages that go wrong, over an empty database."""
    yield configured_rigged_site
    configured_rigged_site.reset()


@pytest.fixture
def production(database_url: str) -> Iterator[Site]:
    """The site as an operator runs it."""
    with production_site(database_url) as site:
        yield site
