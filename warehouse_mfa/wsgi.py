"""The WSGI application, for `serve` and for any WSGI server: `warehouse_mfa.wsgi:application()`."""

from collections.abc import Callable

from pyramid.config import Configurator

from warehouse_mfa import logs, settings
from warehouse_mfa.config import configure, make_router
from warehouse_mfa.http.front import Front
from warehouse_mfa.settings import Settings


def make_application(
    loaded: Settings, extend: Callable[[Configurator], None] | None = None
) -> Front:
    """Return the application with the layer that fixes origin and client address."""
    return Front(make_router(configure(loaded, extend)), loaded)


def application() -> Front:
    """Return the application of this process's environment."""
    logs.configure()
    return make_application(settings.load(settings.from_process()))
