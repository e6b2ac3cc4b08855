"""Logging in: password, then a second factor; logging out.

    anonymous --password--> pending login (a row, its own cookie, 5 min) --factor--> session

Somebody without a factor gets a session at once, which may verify the address and set one up.
"""

from datetime import timedelta

from pyramid.config import Configurator

from warehouse_mfa.login.interfaces import ILoginService
from warehouse_mfa.login.resources import LoginSteps
from warehouse_mfa.login.security import SessionIdentitySource
from warehouse_mfa.login.services.login import LoginService
from warehouse_mfa.login.tasks import purge


def includeme(config: Configurator) -> None:
    config.register_service_factory(LoginService.create, ILoginService)
    config.add_identity_source(SessionIdentitySource())
    config.add_rate_limiter("login.user", store="sql")
    config.add_rate_limiter("login.device", store="sql")
    config.add_rate_limiter("login.address", store="window")
    config.add_rate_limiter("factor.address", store="window")
    config.add_task("login.purge", purge, every=timedelta(hours=1))
    config.add_route("login.password", "/account/login/")
    config.add_route("login.logout", "/account/logout/")
    # Last of `/account/…`: the factor's segment is traversed, so that any factor fits.
    config.add_route("login.factor", "/account/*traverse", factory=LoginSteps)
    config.scan(".views")
