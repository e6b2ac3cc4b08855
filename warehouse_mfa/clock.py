"""The only clock. Everything that asks for the time takes `IClock` or a `datetime`."""

import time
from datetime import UTC, datetime

from pyramid.config import Configurator
from zope.interface import Interface, implementer


class IClock(Interface):
    """Tells the time."""

    def now() -> datetime:
        """Return the present moment, aware, in UTC."""

    def monotonic() -> float:
        """Return seconds from an arbitrary start, never going back: for measuring durations."""


@implementer(IClock)
class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()


def clock_of(config: Configurator) -> IClock:
    """Return the clock that an application is configured with, for what is made once at start."""
    clock: IClock = config.find_service_factory(IClock)(None, None)
    return clock


def includeme(config: Configurator) -> None:
    config.register_service(SystemClock(), IClock)
