"""Writing the trail, reading it back, and erasing what names a person."""

from warehouse_mfa.events.services.erasure import ErasureService
from warehouse_mfa.events.services.history import EventHistory
from warehouse_mfa.events.services.recording import EventService

__all__ = ["ErasureService", "EventHistory", "EventService"]
