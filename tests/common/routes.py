"""Every door of the application as its configuration tells, so that no test leaves one out."""

from dataclasses import dataclass
from functools import cache

from pyramid.config import Configurator
from pyramid.interfaces import IRoutesMapper

from tests.common.site import HTTP, environment
from warehouse_mfa import settings
from warehouse_mfa.config import configure
from warehouse_mfa.factors.interfaces import IFactorService
from warehouse_mfa.tasks import open_scope

# Nothing connects to it.
NOWHERE = "postgresql+psycopg://nobody@localhost/nowhere"
TRAVERSED = "*traverse"
STATIC = "__static"


@dataclass(frozen=True, order=True)
class Door:
    """A method of an address, and the view behind it."""

    method: str
    path: str
    route: str
    permission: str | None
    """As the view names it; `None` for a page that is open, and for one that forgot."""

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def doors_of(config: Configurator) -> list[Door]:
    """Return the doors of a configured application, static files excepted."""
    patterns = {
        route.name: route.pattern
        for route in config.registry.getUtility(IRoutesMapper).get_routes(include_static=True)
    }
    doors = []
    for item in config.introspector.get_category("views"):
        view = item["introspectable"]
        route = view["route_name"]
        if route is None or route.startswith(STATIC) or view["exception_only"]:
            continue
        named = (one["value"] for one in item["related"] if one.category_name == "permissions")
        permission = next(named, None)
        for path in _paths(config, patterns[route], view["name"]):
            doors.append(Door(view["request_methods"], path, route, permission))
    return sorted(doors, key=lambda door: (door.path, door.method))


@cache
def doors(*, method: str | None = None) -> list[Door]:
    """Return the doors of the application in development, all or those of one method."""
    config = configure(settings.load(environment(NOWHERE, HTTP)))
    return [door for door in doors_of(config) if method in (None, door.method)]


def paths() -> list[str]:
    """Return every address."""
    return sorted({door.path for door in doors()})


def _paths(config: Configurator, pattern: str, name: str) -> list[str]:
    """Return the addresses of a view; that of a login step is traversed by its factor's segment."""
    if not pattern.endswith(TRAVERSED):
        return [pattern]
    prefix = pattern.removesuffix(TRAVERSED)
    with open_scope(config.registry) as request:
        factors = request.find_service(IFactorService).all()
    return [f"{prefix}{factor.segment}/{name}" for factor in factors]
