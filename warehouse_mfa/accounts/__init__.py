"""Accounts: users, their addresses and passwords, registration and verification."""

from datetime import timedelta
from typing import Any

from pyramid.config import Configurator
from pyramid.request import Request

from warehouse_mfa.accounts.interfaces import (
    AddressTaken,
    IAccountChangeService,
    IAccountExportService,
    IAccountStateService,
    IAddressBook,
    IEmailService,
    IPasswordService,
    IPresenceService,
    IProbationService,
    IProfileService,
    IPublishingHold,
    IRegistrationService,
    IRestorationService,
    IUserService,
    PasswordRules,
)
from warehouse_mfa.accounts.personal_data import SECTIONS
from warehouse_mfa.accounts.services.address_book import AddressBook
from warehouse_mfa.accounts.services.changes import AccountChangeService
from warehouse_mfa.accounts.services.deletion import AccountDeletion
from warehouse_mfa.accounts.services.emails import EmailService
from warehouse_mfa.accounts.services.export import AccountExportService
from warehouse_mfa.accounts.services.hold import PublishingHold
from warehouse_mfa.accounts.services.passwords import PasswordService
from warehouse_mfa.accounts.services.presence import PresenceService
from warehouse_mfa.accounts.services.probation import ProbationService
from warehouse_mfa.accounts.services.profile import ProfileService
from warehouse_mfa.accounts.services.registration import RegistrationService
from warehouse_mfa.accounts.services.restoration import RestorationService
from warehouse_mfa.accounts.services.state import AccountStateService
from warehouse_mfa.accounts.services.users import UserService
from warehouse_mfa.accounts.tasks import erase, lapse
from warehouse_mfa.i18n import _
from warehouse_mfa.mail.interfaces import LinkInvalid, Purpose


def _new_password_rules(request: Request) -> PasswordRules:
    rules: PasswordRules = request.find_service(IPasswordService).rules()
    return rules


def _to_another_link(request: Request) -> tuple[str, Any]:
    is_settled = request.identity is not None and request.identity.is_verified
    route = "profile.emails" if is_settled else "profile.unverified"
    return request.route_path(route), _("Get a new link")


def includeme(config: Configurator) -> None:
    config.register_service_factory(UserService.create, IUserService)
    config.register_service_factory(EmailService.create, IEmailService)
    config.register_service_factory(AddressBook.create, IAddressBook)
    config.register_service_factory(AccountChangeService.create, IAccountChangeService)
    config.register_service_factory(PresenceService.create, IPresenceService)
    config.register_service_factory(ProfileService.create, IProfileService)
    config.register_service_factory(AccountExportService.create, IAccountExportService)
    config.register_service_factory(PasswordService.create, IPasswordService)
    config.register_service_factory(RegistrationService.create, IRegistrationService)
    config.register_service_factory(AccountStateService.create, IAccountStateService)
    config.register_service_factory(ProbationService.create, IProbationService)
    config.register_service_factory(PublishingHold.create, IPublishingHold)
    config.register_service_factory(RestorationService.create, IRestorationService)
    config.add_personal_data(SECTIONS)
    config.add_act(AccountDeletion.create, action=AccountDeletion.action)
    config.add_rate_limiter("register.address", store="window")
    config.add_rate_limiter("mail.verification", store="sql")
    config.add_rate_limiter("mail.address", store="window")
    config.add_task("accounts.lapse", lapse, every=timedelta(hours=1))
    config.add_task("accounts.erase", erase, every=timedelta(hours=1))
    config.add_route("accounts.register", "/account/register/")
    config.add_route("accounts.verify-email", "/account/verify-email/")
    config.add_mailed_link(
        Purpose.VERIFY_EMAIL,
        "accounts.verify-email",
        _to_another_link,
        refusals=(LinkInvalid, AddressTaken),
    )
    # For the macro of a new password, so that no page has to hand it on.
    config.add_request_method(_new_password_rules, "new_password_rules", reify=True)
    config.scan(".views")
