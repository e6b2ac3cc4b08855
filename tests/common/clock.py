"""A clock that stands still until a test moves it."""

from datetime import UTC, datetime, timedelta

from zope.interface import implementer

from warehouse_mfa.clock import IClock

START = datetime(2026, 12, 1, 12, 0, 7, tzinfo=UTC)


@implementer(IClock)
class FrozenClock:
    """Tells the time that a test says."""

    def __init__(self, start: datetime = START) -> None:
        self._start = start
        self._now = start

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return (self._now - self._start).total_seconds()

    def advance(self, **duration: float) -> None:
        """Move on, or back: `advance(minutes=5)`."""
        self._now += timedelta(**duration)

    def reset(self) -> None:
        self._now = self._start
