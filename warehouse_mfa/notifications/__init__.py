"""Which event sends which mail: one table, and the listener that reads it."""

from pyramid.config import Configurator

from warehouse_mfa.notifications.interfaces import INotificationService
from warehouse_mfa.notifications.services import NotificationService
from warehouse_mfa.notifications.table import NOTICES


def includeme(config: Configurator) -> None:
    config.register_service_factory(NotificationService.create, INotificationService)
    config.add_rate_limiter("mail.guesses", store="sql")
    config.add_rate_limiter("mail.added", store="sql")
    config.add_event_listener(NotificationService.create, tags=NOTICES.keys())
