"""Where windows by address live: Redis or Valkey, or the memory of the one serving process."""

import threading

from limits.storage import Storage, storage_from_string
from pyramid.config import Configurator

from warehouse_mfa.clock import IClock, clock_of

REDIS_SECONDS = 0.5
PURGE_ABOVE = 10_000
PURGE_EVERY = 10.0  # seconds


class MemoryStorage(Storage):
    """Counters in memory that read our clock; the one of `limits` reads the wall clock."""

    STORAGE_SCHEME = None

    def __init__(self, clock: IClock) -> None:
        super().__init__()
        self._clock = clock
        self._counters: dict[str, tuple[int, float]] = {}
        self._purged_at = 0.0
        self._lock = threading.Lock()

    @property
    def base_exceptions(self) -> type[Exception]:
        return ValueError

    def incr(self, key: str, expiry: float, amount: int = 1, **options: object) -> int:
        now = self._clock.now().timestamp()
        with self._lock:
            # Not each time: whoever has a whole network of addresses would make every attempt of
            # anybody look at all of them. A clock that was set back does not put it off.
            if len(self._counters) > PURGE_ABOVE and abs(now - self._purged_at) >= PURGE_EVERY:
                self._counters = {k: v for k, v in self._counters.items() if v[1] > now}
                self._purged_at = now
            count, ends = self._counters.get(key, (0, 0.0))
            if ends <= now:
                count, ends = 0, now + expiry
            count += amount
            self._counters[key] = (count, ends)
            return count

    def get(self, key: str) -> int:
        count, ends = self._counters.get(key, (0, 0.0))
        return count if ends > self._clock.now().timestamp() else 0

    def get_expiry(self, key: str) -> float:
        return self._counters.get(key, (0, self._clock.now().timestamp()))[1]

    def check(self) -> bool:
        return True

    def reset(self) -> int:
        with self._lock:
            number = len(self._counters)
            self._counters.clear()
            return number

    def clear(self, key: str) -> None:
        with self._lock:
            self._counters.pop(key, None)


def open_storage(config: Configurator) -> None:
    """Put the storage of this process into the registry. A Redis is reached at its first use."""
    url = config.registry["settings"].redis_url.get_secret_value()
    if url:
        storage = storage_from_string(
            url,
            wrap_exceptions=True,
            socket_timeout=REDIS_SECONDS,
            socket_connect_timeout=REDIS_SECONDS,
        )
    else:
        storage = MemoryStorage(clock_of(config))
    config.registry["limits_storage"] = storage
