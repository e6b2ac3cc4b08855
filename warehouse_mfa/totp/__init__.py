"""Authenticator applications: time-based one-time passwords, RFC 6238."""

from pyramid.config import Configurator

from warehouse_mfa.accounts.resources import OwnAccount
from warehouse_mfa.i18n import _
from warehouse_mfa.totp.factor import TOTPFactor
from warehouse_mfa.totp.interfaces import ITOTPService
from warehouse_mfa.totp.personal_data import SECTIONS
from warehouse_mfa.totp.restoration import spend_steps
from warehouse_mfa.totp.sealed_secrets import TOTPSecrets
from warehouse_mfa.totp.services import TOTPService


def includeme(config: Configurator) -> None:
    config.register_service_factory(TOTPService.create, ITOTPService)
    config.add_personal_data(SECTIONS)
    config.add_rate_limiter("code.user", store="sql")
    config.add_rate_limiter("code.device", store="sql")
    config.add_streak_limiter("totp.streak")
    config.add_restoration_step(
        _("Authenticator apps whose present codes count as used"), spend_steps
    )
    config.add_keyed_table(TOTPSecrets.create, name="totp_applications")
    config.add_factor(TOTPFactor.create, name="totp")
    config.add_route("totp.provision", "/manage/account/totp-provision", factory=OwnAccount)
    config.add_route("totp.image", "/manage/account/totp-provision/image", factory=OwnAccount)
    config.scan(".views")
