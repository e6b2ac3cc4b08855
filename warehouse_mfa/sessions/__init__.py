"""Sessions and known devices: rows whose secret is a cookie, stored as SHA-256.

A session belongs to a family, which stays while a login lasts; its id changes at every boundary
(login, factor, change of rights). It ends when idle, when old, or with the security epoch of its
account. Sessions know ids and epochs, never a user.
"""

from datetime import timedelta

from pyramid.config import Configurator

from warehouse_mfa.http import ICSRFBinding
from warehouse_mfa.i18n import _
from warehouse_mfa.sessions.cookies import SessionCookies, SessionCSRFBinding
from warehouse_mfa.sessions.interfaces import IDeviceService, ISessionCookies, ISessionService
from warehouse_mfa.sessions.personal_data import SECTIONS
from warehouse_mfa.sessions.restoration import end_sessions, forget_devices
from warehouse_mfa.sessions.services.devices import DeviceService
from warehouse_mfa.sessions.services.sessions import SessionService
from warehouse_mfa.sessions.tasks import purge


def includeme(config: Configurator) -> None:
    config.register_service_factory(SessionService.create, ISessionService)
    config.register_service_factory(DeviceService.create, IDeviceService)
    config.register_service_factory(SessionCookies.create, ISessionCookies)
    config.register_service(SessionCSRFBinding(), ICSRFBinding)
    config.add_personal_data(SECTIONS)
    config.add_restoration_step(_("Sessions ended"), end_sessions)
    config.add_restoration_step(_("Known devices forgotten"), forget_devices)
    config.add_task("sessions.purge", purge, every=timedelta(hours=1))
