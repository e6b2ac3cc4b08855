"""Routes found by their path are those that Pyramid finds by trying one pattern after the other."""

import pytest
from pyramid.config import Configurator
from pyramid.interfaces import IRoutesMapper
from pyramid.request import Request
from pyramid.urldispatch import RoutesMapper

from warehouse_mfa.http import routing

ROUTES = {
    "files": "/static/*path",
    "home": "/",
    "login": "/account/login/",
    "relative": "account/mail",
    "key": "/account/{factor}/",
    "taken": "/account/taken/",
    "step": "/account/*traverse",
    "held": "/held",
}


@pytest.fixture
def config() -> Configurator:
    config = Configurator()
    config.include(routing)
    for name, pattern in ROUTES.items():
        config.add_route(name, pattern, request_method="POST" if name == "held" else None)
    config.add_route("other", "/held")
    config.commit()
    return config


@pytest.mark.parametrize(
    "path",
    [
        "/", "", "/account/login/", "/account/login", "/account/mail", "/account/totp/",
        "/account/", "/account/taken/", "/account/a/b", "/static/css/a.css", "/held",
        "/nothing", "/account/caf\xc3\xa9/",
    ],
)  # fmt: skip
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_the_same_route_is_found(config: Configurator, path: str, method: str) -> None:
    request = Request({"PATH_INFO": path, "REQUEST_METHOD": method})
    ours = config.registry.getUtility(IRoutesMapper)
    theirs = RoutesMapper()
    theirs.routelist = ours.routelist

    assert ours(request) == theirs(request)


def test_what_was_found_belongs_to_one_request(config: Configurator) -> None:
    routes = config.registry.getUtility(IRoutesMapper)
    request = Request({"PATH_INFO": "/account/login/"})

    routes(request)["match"]["name"] = "mallory"

    assert routes(request)["match"] == {}


def test_a_route_that_comes_later_is_found_too(config: Configurator) -> None:
    routes = config.registry.getUtility(IRoutesMapper)
    request = Request({"PATH_INFO": "/late/"})
    assert routes(request)["route"] is None

    config.add_route("late", "/late/")
    config.commit()

    assert routes(request)["route"].name == "late"
