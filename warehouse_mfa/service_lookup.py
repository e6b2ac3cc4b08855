"""Finding services by interface, once per request.

`request.find_service` of pyramid_services also tells services of one interface apart by the context
of the view; ours are the same everywhere, so that a dictionary finds them. Registration stays theirs.
"""

from typing import Any

from pyramid.config import Configurator
from pyramid.request import Request
from zope.interface import Interface
from zope.interface.interface import InterfaceClass

FOUND = "warehouse_mfa_services"
"""In the request itself: its environment outlives it when a request is retried."""


def find_service(
    request: Request, iface: InterfaceClass = Interface, context: object = None, name: str = ""
) -> Any:
    """Return the service of an interface for this request. :raises LookupError: if there is none."""
    kept = request.__dict__
    found: dict[Any, Any] | None = kept.get(FOUND)
    if found is None:
        found = kept[FOUND] = {}
    key = (iface, name)
    service = found.get(key)
    if service is None:
        factories: dict[Any, Any] = request.registry["service_factories"]
        if key not in factories:
            factories[key] = request.find_service_factory(iface, name=name)
        service = found[key] = factories[key](None, request)
    return service


def includeme(config: Configurator) -> None:
    config.registry["service_factories"] = {}
    config.add_request_method(find_service)
