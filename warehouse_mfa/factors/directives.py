"""`config.add_factor`."""

from collections.abc import Callable

from pyramid.config import Configurator
from pyramid.request import Request

from warehouse_mfa.factors.interfaces import IFactor


def add_factor(
    config: Configurator, create: Callable[[object, Request], IFactor], *, name: str
) -> None:
    """Join a second factor. Pages offer factors in the order of their strength, then of joining."""
    config.register_service_factory(create, IFactor, name=name)
    config.action(("factor", name), lambda: config.registry["factors"].append(name))
