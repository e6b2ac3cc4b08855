"""Logging in: password, then a second factor, or a passkey; logging out.

    anonymous --password--> pending login (a row, its own cookie, 5 min) --factor--> session
                          (setting) code, unknown browser: waits 15 min for a mailed approval
    anonymous --passkey, user verified--> session

Somebody without a factor gets a session at once, which may verify the address and set one up.
"""

from datetime import timedelta

from pyramid.config import Configurator

from warehouse_mfa.accounts.resources import OwnAccount
from warehouse_mfa.authz import IActionConfirmation, IProbation, IStepUpService
from warehouse_mfa.i18n import _
from warehouse_mfa.login.interfaces import (
    IConfirmationService,
    IHeldLoginService,
    ILoginApprovalService,
    ILoginService,
    ILostService,
    IPasskeyLoginService,
    IPasswordChangeService,
    IPasswordResetService,
    IReauthenticationService,
    IResetRequestService,
)
from warehouse_mfa.login.personal_data import SECTIONS
from warehouse_mfa.login.resources import LoginSteps, OwnActs, WaitingLogin
from warehouse_mfa.login.restoration import (
    end_held_logins,
    end_pending_logins,
    forget_lost_requests,
    forget_reset_requests,
)
from warehouse_mfa.login.security import SessionIdentitySource
from warehouse_mfa.login.services.approvals import LoginApprovalService
from warehouse_mfa.login.services.confirmation import ConfirmationService
from warehouse_mfa.login.services.held_logins import HeldLoginService
from warehouse_mfa.login.services.login import LoginService
from warehouse_mfa.login.services.lost import TASK as LOST_TASK
from warehouse_mfa.login.services.lost import LostService
from warehouse_mfa.login.services.passkey_login import PasskeyLoginService
from warehouse_mfa.login.services.password_change import PasswordChangeService
from warehouse_mfa.login.services.password_reset import PasswordResetService
from warehouse_mfa.login.services.probation import ProbationPolicy
from warehouse_mfa.login.services.reset_requests import TASK, ResetRequestService
from warehouse_mfa.login.services.step_up import StepUpService
from warehouse_mfa.login.tasks import answer_lost_requests, answer_reset_requests, purge
from warehouse_mfa.mail.interfaces import Purpose


def includeme(config: Configurator) -> None:
    _add_services(config)
    _add_limits(config)
    _add_upkeep(config)
    _add_routes(config)
    config.scan(".views")


def _add_services(config: Configurator) -> None:
    config.register_service_factory(LoginService.create, ILoginService)
    config.register_service_factory(PasskeyLoginService.create, IPasskeyLoginService)
    config.register_service_factory(HeldLoginService.create, IHeldLoginService)
    config.register_service_factory(LoginApprovalService.create, ILoginApprovalService)
    config.register_service_factory(StepUpService.create, IStepUpService)
    config.register_service_factory(StepUpService.create, IReauthenticationService)
    config.register_service_factory(ConfirmationService.create, IActionConfirmation)
    config.register_service_factory(ConfirmationService.create, IConfirmationService)
    config.register_service_factory(ProbationPolicy.create, IProbation)
    config.register_service_factory(PasswordChangeService.create, IPasswordChangeService)
    config.register_service_factory(PasswordResetService.create, IPasswordResetService)
    config.register_service_factory(ResetRequestService.create, IResetRequestService)
    config.register_service_factory(LostService.create, ILostService)
    config.add_identity_source(SessionIdentitySource())


def _add_limits(config: Configurator) -> None:
    config.add_rate_limiter("mail.lost", store="sql")
    config.add_rate_limiter("mail.approval", store="sql")
    config.add_rate_limiter("mail.reset", store="sql")
    config.add_rate_limiter("reset.link", store="sql")
    config.add_rate_limiter("reset.user", store="sql")
    config.add_delaying_rate_limiter("login.user", store="sql")
    config.add_delaying_rate_limiter("login.device", store="sql")
    config.add_delaying_rate_limiter("login.address", store="window")
    config.add_rate_limiter("factor.address", store="window")
    config.add_rate_limiter("passkey.user", store="sql")


def _add_upkeep(config: Configurator) -> None:
    """Add what is done with the rows of this capability beside its pages."""
    config.add_personal_data(SECTIONS)
    config.add_task(TASK, answer_reset_requests, every=timedelta(seconds=30))
    config.add_task(LOST_TASK, answer_lost_requests, every=timedelta(seconds=30))
    config.add_task("login.purge", purge, every=timedelta(hours=1))
    config.add_restoration_step(_("Pending logins ended"), end_pending_logins)
    config.add_restoration_step(_("Logins that wait for an approval ended"), end_held_logins)
    config.add_restoration_step(_("Requests for reset links forgotten"), forget_reset_requests)
    config.add_restoration_step(_("Requests for help forgotten"), forget_lost_requests)


def _add_routes(config: Configurator) -> None:
    config.add_route("login.password", "/account/login/")
    for name in ("options", "validate"):
        config.add_route(f"login.passkey.{name}", f"/account/passkey/{name}")
    config.add_route("login.waiting", "/account/waiting/", factory=WaitingLogin)
    config.add_route("login.waiting.mail", "/account/waiting/mail", factory=WaitingLogin)
    config.add_route("login.waiting.state", "/account/waiting/state", factory=WaitingLogin)
    config.add_route("login.confirm", "/account/confirm-login/")
    config.add_mailed_link(
        Purpose.CONFIRM_LOGIN,
        "login.confirm",
        lambda request: (request.route_path("login.password"), _("Log in")),
    )
    config.add_route("login.request-reset", "/account/request-password-reset/")
    config.add_route("login.reset", "/account/reset-password/")
    for name in ("options", "validate"):
        config.add_route(f"login.reset.{name}", f"/account/reset-password/{name}")
    config.add_mailed_link(
        Purpose.RESET_PASSWORD,
        "login.reset",
        lambda request: (request.route_path("login.request-reset"), _("Ask for a new link")),
        more_routes=("login.reset.options", "login.reset.validate"),
    )
    config.add_route("login.lost", "/account/lost/")
    config.add_route("login.lost.confirm", "/account/lost/confirm/")
    config.add_mailed_link(
        Purpose.CONFIRM_LOSS,
        "login.lost.confirm",
        lambda request: (request.route_path("login.lost"), _("Ask again")),
    )
    config.add_route("login.logout", "/account/logout/")
    config.add_route("login.reauthenticate", "/account/reauthenticate/", factory=OwnAccount)
    for name in ("options", "validate"):
        config.add_route(
            f"login.reauthenticate.{name}", f"/account/reauthenticate/{name}", factory=OwnAccount
        )
    for name, path in (("", ""), (".options", "options"), (".validate", "validate")):
        config.add_route(
            f"login.confirm-act{name}",
            f"/account/confirm/{{act_id}}/{path}",
            factory=OwnActs,
            traverse="/{act_id}",
        )
    # Last of `/account/…`: the factor's segment is traversed, so that any factor fits.
    config.add_route("login.factor", "/account/*traverse", factory=LoginSteps)
