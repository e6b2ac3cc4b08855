"""Which event sends which mail: one table, and the listener that reads it."""

from pyramid.config import Configurator

from warehouse_mfa.i18n import _
from warehouse_mfa.mail.interfaces import Purpose
from warehouse_mfa.notifications.interfaces import (
    INoticeService,
    INotificationService,
    INotMeService,
)
from warehouse_mfa.notifications.personal_data import SECTIONS
from warehouse_mfa.notifications.services.not_me import NotMeService
from warehouse_mfa.notifications.services.reading import NoticeService
from warehouse_mfa.notifications.services.telling import NotificationService
from warehouse_mfa.notifications.table import NOTICES


def includeme(config: Configurator) -> None:
    config.register_service_factory(NotificationService.create, INotificationService)
    config.register_service_factory(NoticeService.create, INoticeService)
    config.register_service_factory(NotMeService.create, INotMeService)
    config.add_personal_data(SECTIONS)
    config.add_rate_limiter("mail.guesses", store="sql")
    config.add_rate_limiter("mail.added", store="sql")
    config.add_event_listener(NotificationService.create, tags=NOTICES.keys())
    config.add_route("notifications.not-me", "/account/not-me/")
    config.add_mailed_link(
        Purpose.NOT_ME,
        "notifications.not-me",
        lambda request: (request.route_path("profile.repair"), _("Make your account safe")),
    )
    config.scan(".views")
