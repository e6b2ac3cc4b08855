"""Static files: read and compressed once, and kept by browsers as long as an address names them.

The digest of its content is part of the address that pages use for a file. Pages themselves are not
compressed: beside a text of somebody's choice, the length would tell the token of a form.
"""

import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPNotFound
from pyramid.registry import Registry
from pyramid.request import Request
from pyramid.response import Response
from pyramid.security import NO_PERMISSION_REQUIRED

from warehouse_mfa.paths import data_dir

VERSION = "v"
ROUTE = "__static"
"""Pages find the addresses of files by `static`, and not by the route."""
TYPES = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
}
FOR_EVER = "public, max-age=31536000, immutable"
ASK_AGAIN = "no-cache"
"""For an address with no digest, or with that of another release."""


@dataclass(frozen=True, slots=True)
class StaticFile:
    """A file as it is sent."""

    address: str
    content_type: str
    version: str
    body: bytes
    compressed: bytes
    changed_ns: int
    """When it was written last, in nanoseconds, as the file system says."""


def read(folder: Path, known: Mapping[str, StaticFile] | None = None) -> dict[str, StaticFile]:
    """Return every file in `folder` by its name, such as "css/layout.css".

    What is `known` and was not written since is not read again.
    """
    files = (file for file in sorted(folder.rglob("*")) if file.is_file())
    names = ((file, file.relative_to(folder).as_posix()) for file in files)
    return {name: _read(file, name, (known or {}).get(name)) for file, name in names}


def _read(file: Path, name: str, known: StaticFile | None) -> StaticFile:
    changed_ns = file.stat().st_mtime_ns
    if known is not None and known.changed_ns == changed_ns:
        return known
    body = file.read_bytes()
    version = hashlib.sha256(body).hexdigest()[:16]
    return StaticFile(
        f"/static/{name}?{VERSION}={version}",
        TYPES[file.suffix],
        version,
        body,
        gzip.compress(body, mtime=0),
        changed_ns,
    )


def address_of(registry: Registry, path: str) -> str:
    """Return the address of a static file."""
    file: StaticFile = registry["static_files"][path]
    return file.address


def static(request: Request, path: str) -> str:
    """Return the address of a static file. `request.static`."""
    return address_of(request.registry, path)


def send(request: Request) -> Response:
    """Send a static file."""
    registry = request.registry
    if registry["settings"].is_development:
        registry["static_files"] = read(data_dir("static"), registry["static_files"])
    file = registry["static_files"].get("/".join(request.matchdict["path"]))
    if file is None:
        raise HTTPNotFound
    response = Response(
        content_type=file.content_type,
        charset="utf-8" if file.content_type.startswith("text/") else None,
        cache_control=FOR_EVER if request.GET.get(VERSION) == file.version else ASK_AGAIN,
        vary="Accept-Encoding",
        conditional_response=True,
    )
    if _takes_gzip(request) and len(file.compressed) < len(file.body):
        response.content_encoding = "gzip"
        response.etag = f"{file.version}-gzip"
        response.body = file.compressed
    else:
        response.etag = file.version
        response.body = file.body
    return response


def _takes_gzip(request: Request) -> bool:
    # To say nothing means to take anything: programs that say nothing seldom do.
    accepted = request.accept_encoding
    return accepted.header_value is not None and bool(accepted.acceptable_offers(["gzip"]))


def includeme(config: Configurator) -> None:
    config.registry["static_files"] = read(data_dir("static"))
    config.add_route(ROUTE, "/static/*path")
    config.add_view(send, route_name=ROUTE, request_method="GET", permission=NO_PERMISSION_REQUIRED)
    config.add_request_method(static, "static")
