"""Writing the trail, and reading it back."""

from warehouse_mfa.events.services.history import EventHistory
from warehouse_mfa.events.services.recording import EventService

__all__ = ["EventHistory", "EventService"]
