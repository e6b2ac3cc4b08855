"""The trail: one typed event per change of security state, in the same transaction as the change.

Listeners (`config.add_event_listener`) hear of an event after its row is written and before it is
committed; `notifications` is one.
"""

from pyramid.config import Configurator

from warehouse_mfa.events.directives import add_event_listener
from warehouse_mfa.events.interfaces import IErasureService, IEventHistory, IEventService
from warehouse_mfa.events.personal_data import SECTIONS
from warehouse_mfa.events.services import ErasureService, EventHistory, EventService


def includeme(config: Configurator) -> None:
    config.registry["event_listeners"] = []
    config.add_directive("add_event_listener", add_event_listener)
    config.register_service_factory(EventService.create, IEventService)
    config.register_service_factory(ErasureService.create, IErasureService)
    config.register_service_factory(EventHistory.create, IEventHistory)
    config.add_personal_data(SECTIONS)
