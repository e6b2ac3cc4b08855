"""What capabilities declare on requests, on the one class of all of them."""

import pytest
from pyramid.config import Configurator
from pyramid.interfaces import IRequestFactory
from pyramid.request import Request, apply_request_extensions

from warehouse_mfa.http import request_class


def shout(request: Request, text: str) -> str:
    return f"{text.upper()} {request.path}"


@pytest.fixture
def config() -> Configurator:
    config = Configurator()
    config.set_request_factory(Request)
    config.include(request_class)
    config.add_request_method(shout)
    config.add_request_method(lambda request: object(), "kept", reify=True)
    config.add_request_method(lambda request: object(), "made", property=True)
    config.commit()
    return config


def new_request(config: Configurator) -> Request:
    """Return a request as the router makes one."""
    request = config.registry.getUtility(IRequestFactory).blank("/here")
    request.registry = config.registry
    apply_request_extensions(request)
    return request


def test_all_requests_have_one_class(config: Configurator) -> None:
    assert type(new_request(config)) is type(new_request(config))


def test_a_request_has_what_was_declared(config: Configurator) -> None:
    request = new_request(config)

    assert request.shout("look") == "LOOK /here"
    assert request.kept is request.kept
    assert request.made is not request.made


def test_two_requests_keep_nothing_of_each_other(config: Configurator) -> None:
    assert new_request(config).kept is not new_request(config).kept


def test_what_is_declared_later_is_there_too(config: Configurator) -> None:
    config.add_request_method(lambda request: "late", "late", property=True)
    config.commit()

    assert new_request(config).late == "late"
    assert new_request(config).shout("still") == "STILL /here"
