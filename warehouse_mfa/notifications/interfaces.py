"""Notices."""

from warehouse_mfa.events.interfaces import IEventListener


class INotificationService(IEventListener):
    """Tells people by mail what happened to their account, at all their verified addresses."""
