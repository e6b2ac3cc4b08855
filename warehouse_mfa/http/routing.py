"""Routes without variables are found by their path; Pyramid tries the pattern of each in turn."""

from typing import Any

from pyramid.config import Configurator
from pyramid.interfaces import IRoutesMapper
from pyramid.request import Request
from pyramid.urldispatch import Route, RoutesMapper


class Routes(RoutesMapper):
    """Says the same as Pyramid's: the first route that fits."""

    def __init__(self) -> None:
        super().__init__()
        self._by_path: dict[str, Route] | None = None
        self._others = RoutesMapper()

    def connect(self, *arguments: Any, **options: Any) -> Route:
        self._by_path = None
        return super().connect(*arguments, **options)

    def __call__(self, request: Request) -> dict[str, Any]:
        if self._by_path is None:
            by_path = self._without_variables()
            self._others.routelist = [one for one in self.routelist if one not in by_path.values()]
            self._by_path = by_path
        route = self._by_path.get(request.environ.get("PATH_INFO") or "/")
        if route is not None:
            return {"match": {}, "route": route}
        found: dict[str, Any] = self._others(request)
        return found

    def _without_variables(self) -> dict[str, Route]:
        found = {}
        for route in self.routelist:
            path = "/" + route.pattern.removeprefix("/")
            first = next(
                one for one in self.routelist if one is route or one.match(path) is not None
            )
            # A predicate looks at more than the path.
            if first is route and route.match(path) == {} and not route.predicates:
                found[path] = route
        return found


def includeme(config: Configurator) -> None:
    config.registry.registerUtility(Routes(), IRoutesMapper)
