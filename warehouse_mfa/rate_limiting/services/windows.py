"""Attempts from network addresses, counted in the windows of `limits`."""

from collections.abc import Sequence
from datetime import timedelta

from limits import RateLimitItem
from limits.errors import StorageError
from limits.storage import Storage
from limits.strategies import FixedWindowRateLimiter
from zope.interface import implementer

from warehouse_mfa.clock import IClock
from warehouse_mfa.crypto import IKeyRing
from warehouse_mfa.http import Unavailable
from warehouse_mfa.rate_limiting.interfaces import IRateLimiter, Reservation, TooManyAttempts
from warehouse_mfa.rate_limiting.services.subjects import keyed, network_of


@implementer(IRateLimiter)
class WindowRateLimiter:
    """Fixed windows of `limits`, the one strategy whose counts can be given back, by network."""

    def __init__(
        self,
        name: str,
        items: Sequence[RateLimitItem],
        storage: Storage,
        keys: IKeyRing,
        clock: IClock,
    ) -> None:
        self.name = name
        self._items = items
        self._storage = storage
        self._strategy = FixedWindowRateLimiter(storage)
        self._keys = keys
        self._clock = clock

    def reserve(self, subject: str) -> Reservation:
        key = keyed(self._keys, self.name, network_of(subject))
        counted: list[RateLimitItem] = []
        try:
            for item in self._items:
                counted.append(item)
                if not self._strategy.hit(item, key.hex()):
                    raise self._refusal(key, item, counted)
        except StorageError as error:
            raise Unavailable from error
        return Reservation(key, ())

    def _refusal(
        self, key: bytes, full: RateLimitItem, counted: list[RateLimitItem]
    ) -> TooManyAttempts:
        resets_at = self._strategy.get_window_stats(full, key.hex()).reset_time
        for item in counted:
            self._take_back(item, key)
        seconds = max(1.0, resets_at - self._clock.now().timestamp())
        refused = self._storage.incr(f"refused/{key.hex()}", full.get_expiry())
        return TooManyAttempts(self.name, timedelta(seconds=seconds), is_first=refused == 1)

    def give_back(self, reservation: Reservation) -> None:
        try:
            for item in self._items:
                self._take_back(item, reservation.key)
        except StorageError as error:
            raise Unavailable from error

    def _take_back(self, item: RateLimitItem, key: bytes) -> None:
        name, span = item.key_for(key.hex()), item.get_expiry()
        if self._storage.incr(name, span, amount=-1) < 0:
            # The window ended meanwhile. The next one must not allow one more.
            self._storage.incr(name, span, amount=1)
