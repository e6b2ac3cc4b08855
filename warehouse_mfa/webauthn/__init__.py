"""Security keys and passkeys: Web Authentication Level 3, with py_webauthn for the cryptography.

`challenge` makes challenges that authenticate themselves, `ceremony` verifies answers in the order
of the specification, `evidence` verifies years later what an answer confirmed; all are pure.
"""

from datetime import timedelta

from pyramid.config import Configurator

from warehouse_mfa.accounts.resources import OwnAccount
from warehouse_mfa.webauthn.factor import WebAuthnFactor
from warehouse_mfa.webauthn.interfaces import (
    IChallengeService,
    IPasskeyService,
    IWebAuthnService,
)
from warehouse_mfa.webauthn.personal_data import SECTIONS
from warehouse_mfa.webauthn.services import ChallengeService, PasskeyService, WebAuthnService
from warehouse_mfa.webauthn.tasks import purge

PREFIX = "/manage/account/webauthn-provision"


def includeme(config: Configurator) -> None:
    config.register_service_factory(ChallengeService.create, IChallengeService)
    config.register_service_factory(WebAuthnService.create, IWebAuthnService)
    config.register_service_factory(PasskeyService.create, IPasskeyService)
    config.add_personal_data(SECTIONS)
    config.add_rate_limiter("webauthn.user", store="sql")
    config.add_rate_limiter("webauthn.device", store="sql")
    config.add_factor(WebAuthnFactor.create, name="webauthn")
    config.add_task("webauthn.purge", purge, every=timedelta(hours=1))
    config.add_route("webauthn.provision", PREFIX, factory=OwnAccount)
    config.add_route("webauthn.options", f"{PREFIX}/options", factory=OwnAccount)
    config.add_route("webauthn.accepted", f"{PREFIX}/accepted", factory=OwnAccount)
    config.add_route("webauthn.validate", f"{PREFIX}/validate", factory=OwnAccount)
    config.scan(".views")
