"""Delays that grow from one attempt to the next, for network addresses: windows of `limits`.

The states are those of `delays`. Three counters of the store keep them, each with a life of its own:
the window; the level, which says how many attempts were taken since the window was full, and lives
for a day from then on, however often somebody succeeds or fails; the hold, which lives until the
next attempt is taken. Each step is one atomic `incr`: whoever finds a counter at nought goes first.
"""

from collections.abc import Sequence
from datetime import timedelta

from limits import RateLimitItem
from limits.errors import StorageError
from limits.storage import Storage
from zope.interface import implementer

from warehouse_mfa.clock import IClock
from warehouse_mfa.crypto import IKeyRing
from warehouse_mfa.http import Unavailable
from warehouse_mfa.rate_limiting.interfaces import IRateLimiter, Reservation, TooManyAttempts
from warehouse_mfa.rate_limiting.services.delays import SECONDS, delay_after
from warehouse_mfa.rate_limiting.services.subjects import keyed, network_of

SLOWEST_ANSWER = 1  # second: the store gives up before


@implementer(IRateLimiter)
class DelayingWindowRateLimiter:
    """Windows of `limits` by network; a full one is followed by growing delays."""

    def __init__(
        self,
        name: str,
        items: Sequence[RateLimitItem],
        delays: Sequence[timedelta],
        storage: Storage,
        keys: IKeyRing,
        clock: IClock,
    ) -> None:
        self.name = name
        self._items = {item.get_expiry(): item for item in items}
        self._delays = delays
        self._storage = storage
        self._keys = keys
        self._clock = clock

    def reserve(self, subject: str) -> Reservation:
        key = keyed(self._keys, self.name, network_of(subject))
        counted: list[tuple[int, int, int]] = []
        try:
            for span, item in self._items.items():
                held_until = self._count(item, key.hex())
                if held_until is None:
                    self._give_back(Reservation(key, tuple(counted)))
                    raise self._refusal(key.hex(), span)
                # The clock is asked now: counting may have taken long, and the window began with it.
                counted.append((span, self._now() + span, held_until))
        except StorageError as error:
            raise Unavailable from error
        return Reservation(key, tuple(counted))

    def give_back(self, reservation: Reservation) -> None:
        try:
            self._give_back(reservation)
        except StorageError as error:
            raise Unavailable from error

    # Steps

    def _count(self, item: RateLimitItem, key: str) -> int | None:
        """Count an attempt, and return until when it holds up the next one; None when refused."""
        span = item.get_expiry()
        level = self._storage.get(_level(key, span))
        if level > 0:
            return self._hold(key, span, level)
        number = self._storage.incr(item.key_for(key), span)
        if number < item.amount:
            return 0
        if number == item.amount:
            return self._begin(key, span)
        self._take_back(item.key_for(key), span)
        return None

    def _begin(self, key: str, span: int) -> int:
        """The window is full: hold up the next attempt."""
        delay = delay_after(self._delays, 0)
        until = self._now() + delay
        self._storage.incr(_hold(key, span), delay)
        self._storage.incr(_level(key, span), SECONDS)
        return until

    def _hold(self, key: str, span: int, level: int) -> int | None:
        """Go first when the hold is over, and hold up the next attempt for longer."""
        delay = delay_after(self._delays, level)
        until = self._now() + delay
        if self._storage.incr(_hold(key, span), delay) > 1:
            return None
        self._storage.incr(_level(key, span), SECONDS)
        return until

    def _give_back(self, reservation: Reservation) -> None:
        key = reservation.key.hex()
        for span, ends, held_until in reservation.windows:
            item = self._items[span]
            if held_until:
                self._let_go(item, key, held_until)
            elif self._runs_still(item, key, ends):
                self._reopen(item, key)

    def _runs_still(self, item: RateLimitItem, key: str, ends: int) -> bool:
        """Tell whether a window is the one that counted; `ends` is the latest that one can end."""
        return self._storage.get_expiry(item.key_for(key)) <= ends + SLOWEST_ANSWER

    def _let_go(self, item: RateLimitItem, key: str, held_until: int) -> None:
        """Take back an attempt that holds up the next one."""
        span = item.get_expiry()
        # A hold that is over may be that of another attempt by now, and is not ours to end. It goes
        # first, so that whoever comes between finds a level that is too high and not too low.
        if self._now() < held_until - SLOWEST_ANSWER:
            self._storage.clear(_hold(key, span))
        if self._take_back(_level(key, span), SECONDS) == 0:
            self._take_back(item.key_for(key), span)

    def _reopen(self, item: RateLimitItem, key: str) -> None:
        """Take back an attempt that found room.

        If the window was full only because of it, the delays end before they began. The hold stays:
        where the level is nought nobody looks at it.
        """
        span = item.get_expiry()
        if not 0 <= self._take_back(item.key_for(key), span) < item.amount:
            return
        level = _level(key, span)
        if self._storage.get(level) == 1 and self._take_back(level, SECONDS) > 0:
            # Somebody was let through meanwhile.
            self._storage.incr(level, SECONDS)

    def _take_back(self, counter: str, life: int) -> int:
        """Take one off a counter, and return what is left; -1 for a counter that was over."""
        left = self._storage.incr(counter, life, amount=-1)
        if left < 0:
            # Another one begins with it, which must not allow one more.
            self._storage.incr(counter, life, amount=1)
        return left

    def _refusal(self, key: str, span: int) -> TooManyAttempts:
        ends = self._storage.get_expiry(_hold(key, span))
        seconds = max(1.0, ends - self._clock.now().timestamp())
        refused = self._storage.incr(f"refused/{key}", SECONDS)
        return TooManyAttempts(self.name, timedelta(seconds=seconds), is_first=refused == 1)

    def _now(self) -> int:
        return int(self._clock.now().timestamp())


def _level(key: str, span: int) -> str:
    return f"level/{key}/{span}"


def _hold(key: str, span: int) -> str:
    return f"hold/{key}/{span}"
