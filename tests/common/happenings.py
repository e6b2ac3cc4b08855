"""Every event class there is, so that no test leaves one out."""

import sys

from warehouse_mfa.events.interfaces import Event


def events(of: type[Event] = Event) -> set[type[Event]]:
    """Return every event class of the application."""
    found = set()
    for each in of.__subclasses__():
        # A dataclass with slots replaces the class that was written, which lingers beside it.
        is_in_use = getattr(sys.modules.get(each.__module__), each.__name__, None) is each
        if is_in_use and each.__module__.startswith("warehouse_mfa."):
            found |= {each} | events(each)
    return found
