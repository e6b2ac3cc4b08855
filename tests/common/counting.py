"""Where limiters count, for tests of them: SQL, memory and Valkey, with and without delays."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import redis
from limits import parse_many
from limits.storage import storage_from_string
from sqlalchemy import Engine

from tests.common.clock import FrozenClock
from tests.common.transactions import lasting_transaction
from warehouse_mfa.clock import SystemClock
from warehouse_mfa.crypto import KeyRing
from warehouse_mfa.rate_limiting.interfaces import Reservation, TooManyAttempts
from warehouse_mfa.rate_limiting.services.delayed_windows import DelayingWindowRateLimiter
from warehouse_mfa.rate_limiting.services.delays import growing_delays
from warehouse_mfa.rate_limiting.services.sql import SQLRateLimiter, Statements, fixed_windows
from warehouse_mfa.rate_limiting.services.windows import WindowRateLimiter
from warehouse_mfa.rate_limiting.stores import REDIS_SECONDS, MemoryStorage

KEYS = KeyRing([("test", b"k" * 32)], "https://pypi.example")
DELAYS = tuple(timedelta(minutes=minutes) for minutes in (1, 2, 4, 8, 15))


class Store(ABC):
    """Where attempts are counted, and the time there."""

    @abstractmethod
    def limiter(self, limits: str, name: str) -> Any:
        """Yield a limiter for one transaction, as a context manager."""

    @abstractmethod
    def pass_time(self, seconds: int) -> None:
        """Let time go by."""

    def reserve(self, subject: str, limits: str, name: str = "login.user") -> Reservation:
        """Reserve an attempt in a transaction that commits, whatever comes of it."""
        with self.limiter(limits, name) as limiter:
            reservation: Reservation = limiter.reserve(subject)
            return reservation

    def give_back(self, reservation: Reservation, limits: str, name: str = "login.user") -> None:
        with self.limiter(limits, name) as limiter:
            limiter.give_back(reservation)

    def left(self, subject: str, limits: str, name: str = "login.user") -> int:
        """Use up the attempts that are left, and return how many they were."""
        for number in range(1000):
            try:
                self.reserve(subject, limits, name)
            except TooManyAttempts:
                return number
        raise AssertionError("there is no limit")


class SQLStore(Store):
    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.clock = FrozenClock()

    def statements(self, windows: int) -> Statements:
        return fixed_windows(windows)

    @contextmanager
    def limiter(self, limits: str, name: str) -> Iterator[SQLRateLimiter]:
        items = parse_many(limits)
        statements = self.statements(len(items))
        with lasting_transaction(self.engine) as session:
            yield SQLRateLimiter(name, items, statements, session, KEYS, self.clock)

    def pass_time(self, seconds: int) -> None:
        self.clock.advance(seconds=seconds)


class MemoryStore(Store):
    def __init__(self) -> None:
        self.clock = FrozenClock()
        self.storage = MemoryStorage(self.clock)

    @contextmanager
    def limiter(self, limits: str, name: str) -> Iterator[Any]:
        yield WindowRateLimiter(name, parse_many(limits), self.storage, KEYS, self.clock)

    def pass_time(self, seconds: int) -> None:
        self.clock.advance(seconds=seconds)


class ValkeyStore(Store):
    def __init__(self, url: str) -> None:
        self.client: Any = redis.from_url(url)
        self.client.flushall()
        self.storage = storage_from_string(
            url,
            wrap_exceptions=True,
            socket_timeout=REDIS_SECONDS,
            socket_connect_timeout=REDIS_SECONDS,
        )

    @contextmanager
    def limiter(self, limits: str, name: str) -> Iterator[Any]:
        yield WindowRateLimiter(name, parse_many(limits), self.storage, KEYS, SystemClock())

    def pass_time(self, seconds: int) -> None:
        """Let every counter live for so many seconds less: its clock cannot be moved."""
        for key in list(self.client.scan_iter()):
            left = self.client.pttl(key) - seconds * 1000
            self.client.pexpire(key, max(left, 0))


# With delays


class DelayingSQLStore(SQLStore):
    def statements(self, windows: int) -> Statements:
        return growing_delays(windows, DELAYS)


class DelayingMemoryStore(MemoryStore):
    @contextmanager
    def limiter(self, limits: str, name: str) -> Iterator[Any]:
        yield DelayingWindowRateLimiter(
            name, parse_many(limits), DELAYS, self.storage, KEYS, self.clock
        )


class DelayingValkeyStore(ValkeyStore):
    @contextmanager
    def limiter(self, limits: str, name: str) -> Iterator[Any]:
        yield DelayingWindowRateLimiter(
            name, parse_many(limits), DELAYS, self.storage, KEYS, SystemClock()
        )
