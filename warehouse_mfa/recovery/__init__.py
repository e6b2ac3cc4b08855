"""Recovery codes: single-use ways in when the other factors are lost. Alone they are no factor."""

from pyramid.config import Configurator

from warehouse_mfa.accounts.resources import OwnAccount
from warehouse_mfa.i18n import _
from warehouse_mfa.recovery.digests import RecoveryCodeDigests
from warehouse_mfa.recovery.factor import RecoveryFactor
from warehouse_mfa.recovery.interfaces import IRecoveryCodeService
from warehouse_mfa.recovery.personal_data import SECTIONS
from warehouse_mfa.recovery.restoration import revoke_codes
from warehouse_mfa.recovery.services import RecoveryCodeService

PREFIX = "/manage/account/recovery-codes/"


def includeme(config: Configurator) -> None:
    config.register_service_factory(RecoveryCodeService.create, IRecoveryCodeService)
    config.add_personal_data(SECTIONS)
    config.add_rate_limiter("recovery.proof", store="sql")
    config.add_restoration_step(_("Recovery codes revoked"), revoke_codes)
    config.add_keyed_table(RecoveryCodeDigests.create, name="recovery_codes")
    config.add_factor(RecoveryFactor.create, name="recovery")
    config.add_route("recovery.manage", PREFIX, factory=OwnAccount)
    config.add_route("recovery.generate", f"{PREFIX}generate", factory=OwnAccount)
    config.add_route("recovery.regenerate", f"{PREFIX}regenerate", factory=OwnAccount)
    config.add_route("recovery.burn", f"{PREFIX}burn", factory=OwnAccount)
    config.scan(".views")
