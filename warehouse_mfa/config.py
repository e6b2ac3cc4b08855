"""The contents page: every capability, in the order in which it is set up."""

from collections.abc import Callable

from pyramid.config import Configurator
from pyramid.interfaces import IRouter

from warehouse_mfa.settings import Settings

CAPABILITIES = (
    # ground
    "warehouse_mfa.clock",
    "warehouse_mfa.entropy",
    "warehouse_mfa.crypto",
    "warehouse_mfa.db",
    "warehouse_mfa.keys",
    "warehouse_mfa.personal_data",
    "warehouse_mfa.tasks",
    "warehouse_mfa.i18n",
    "warehouse_mfa.authz",
    "warehouse_mfa.http",
    # platform
    "warehouse_mfa.events",
    "warehouse_mfa.evidence",
    "warehouse_mfa.rate_limiting",
    "warehouse_mfa.mail",
    "warehouse_mfa.breaches",
    "warehouse_mfa.sessions",
    # accounts and their factors
    "warehouse_mfa.accounts",
    "warehouse_mfa.factors",
    "warehouse_mfa.totp",
    "warehouse_mfa.webauthn",
    "warehouse_mfa.recovery",
    "warehouse_mfa.notifications",
    "warehouse_mfa.audit",
    # pages; `login` ends with the route that takes the rest of /account/…
    "warehouse_mfa.profile",
    "warehouse_mfa.login",
    "warehouse_mfa.site",
)


def configure(
    settings: Settings, extend: Callable[[Configurator], None] | None = None
) -> Configurator:
    """Return the configurator of an application, committed.

    `extend` may replace any service: what it registers wins over what a capability registers.
    """
    config = Configurator()
    config.registry["settings"] = settings
    config.include("pyramid_services")
    config.commit()
    config.include("warehouse_mfa.service_lookup")
    for capability in CAPABILITIES:
        config.include(capability)
    if extend is not None:
        extend(config)
    config.commit()
    return config


def make_router(config: Configurator) -> IRouter:
    """Return the WSGI application of a configurator, without the layer in front of it."""
    return config.make_wsgi_app()
