"""`config.add_event_listener`."""

from collections.abc import Callable, Collection

from pyramid.config import Configurator
from pyramid.request import Request

from warehouse_mfa.events.interfaces import IEventListener

ListenerFactory = Callable[[object, Request], IEventListener]


def add_event_listener(
    config: Configurator, create: ListenerFactory, *, tags: Collection[str]
) -> None:
    """Join a listener. It is made once per event with one of the `tags`."""
    listener = (create, frozenset(tags))
    config.action(
        ("event listener", create),
        lambda: config.registry["event_listeners"].append(listener),
    )
