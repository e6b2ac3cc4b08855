"""Static files, with the digest of their content in the address."""

import hashlib
from pathlib import Path

from pyramid.config import Configurator
from pyramid.registry import Registry
from pyramid.request import Request

from warehouse_mfa.paths import data_dir

ROUTE_PREFIX = "static"


def static(request: Request, path: str) -> str:
    """Return the address of a static file, such as "css/site.css"."""
    return address_of(request.registry, path)


def address_of(registry: Registry, path: str) -> str:
    """Return the same where there is no request."""
    address: str = registry["static_files"][path]
    return address


def _addresses(folder: Path) -> dict[str, str]:
    return {
        name: f"/{ROUTE_PREFIX}/{name}?v={hashlib.sha256(file.read_bytes()).hexdigest()[:16]}"
        for file in sorted(folder.rglob("*"))
        if file.is_file() and (name := file.relative_to(folder).as_posix())
    }


def includeme(config: Configurator) -> None:
    folder = data_dir("static")
    config.registry["static_files"] = _addresses(folder)
    # Otherwise Pyramid keeps every name in memory that anybody has ever asked for.
    config.add_settings({"pyramid.reload_assets": True})
    config.add_static_view(ROUTE_PREFIX, str(folder), cache_max_age=3600)
    config.add_request_method(static, "static")
