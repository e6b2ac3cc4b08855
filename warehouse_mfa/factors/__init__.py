"""Second factors: what one is, which ones an account has, and the page that shows them.

This package knows no factor. Each joins with `config.add_factor(TOTPFactor.create, name="totp")`;
login and pages speak to `IFactor` alone.
"""

from pyramid.config import Configurator

from warehouse_mfa.accounts.resources import OwnAccount
from warehouse_mfa.authz import IFactorPolicy
from warehouse_mfa.factors.directives import add_factor
from warehouse_mfa.factors.interfaces import IFactorChangeService, IFactorService
from warehouse_mfa.factors.resources import OwnCredentials
from warehouse_mfa.factors.services import CredentialRemoval, FactorChangeService, FactorService


def includeme(config: Configurator) -> None:
    config.registry["factors"] = []
    config.add_directive("add_factor", add_factor)
    config.register_service_factory(FactorService.create, IFactorService)
    config.register_service_factory(FactorService.create, IFactorPolicy)
    config.register_service_factory(FactorChangeService.create, IFactorChangeService)
    config.add_act(CredentialRemoval.create, action=CredentialRemoval.action)
    config.add_route("factors.manage", "/manage/account/two-factor/", factory=OwnAccount)
    for act, segment in (("rename", "rename"), ("remove", "delete")):
        config.add_route(
            f"factors.{act}",
            f"/manage/account/{{factor}}-provision/{{credential_id}}/{segment}",
            factory=OwnCredentials,
            traverse="/{factor}/{credential_id}",
        )
    config.scan(".views")
