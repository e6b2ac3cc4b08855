"""One line for every answer: the path without its query, which may hold a mailed token."""

from collections.abc import Callable

from pyramid.registry import Registry
from pyramid.request import Request
from pyramid.response import Response

from warehouse_mfa import logs
from warehouse_mfa.clock import IClock

log = logs.get("warehouse_mfa.access")


def access_log_tween(
    handler: Callable[[Request], Response], registry: Registry
) -> Callable[[Request], Response]:
    """Log method, path, status, duration and the client's address."""

    def logged(request: Request) -> Response:
        clock = request.find_service(IClock)
        started = clock.monotonic()
        path = request.environ.get("PATH_INFO", "")
        response = handler(request)
        log.info(
            "answered",
            method=request.method,
            path=path,
            status=response.status_int,
            ms=round((clock.monotonic() - started) * 1000, 1),
            address=request.remote_addr,
        )
        return response

    return logged
