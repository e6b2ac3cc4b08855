"""List every address the site answers: `python -m dev.routes`."""

import tempfile
from collections.abc import Iterator
from typing import Any

from pyramid.registry import Introspector
from pyramid.security import NO_PERMISSION_REQUIRED

from dev.application import configured

COLUMNS = ("METHOD", "PATH", "ROUTE", "VIEW", "PERMISSION")
Row = tuple[str, ...]


def rows(introspector: Introspector) -> Iterator[Row]:
    """Yield method, path, route, view and permission of every view that has a route."""
    patterns = {
        route["introspectable"]["name"]: route["introspectable"]["pattern"]
        for route in introspector.get_category("routes")
    }
    for item in introspector.get_category("views"):
        view = item["introspectable"]
        pattern = patterns.get(view["route_name"])
        if pattern is None:
            continue  # a page for an error
        permissions = [
            str(related.discriminator)
            for related in item["related"]
            if related.category_name == "permissions"
            and related.discriminator != NO_PERMISSION_REQUIRED
        ]
        yield (
            _methods(view["request_methods"]),
            # Traversal ends with the name of the view.
            "/" + "/".join(filter(None, (pattern.lstrip("/"), view["name"]))),
            view["route_name"],
            _name(view),
            " ".join(permissions) or "-",
        )


def _methods(methods: Any) -> str:
    if methods is None:
        return "*"
    return methods if isinstance(methods, str) else ",".join(sorted(methods))


def _name(view: Any) -> str:
    target = view["callable"]
    named = target if hasattr(target, "__qualname__") else type(target)
    attribute = f".{view['attr']}" if view["attr"] else ""
    return f"{named.__module__}:{named.__qualname__}{attribute}"


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        introspector = configured(f"sqlite:///{folder}/unused.sqlite3").introspector
        table = [COLUMNS, *sorted(set(rows(introspector)), key=lambda row: (row[1], row))]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for row in table:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        print("  ".join(cells).rstrip())


if __name__ == "__main__":
    main()
