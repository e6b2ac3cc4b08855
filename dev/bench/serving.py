"""A process that serves: how long it takes to answer first, and how much memory it holds."""

import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from dev.bench.browser import Browser, Wire
from dev.bench.databases import Database
from dev.bench.flows import LOGIN, webauthn_login
from dev.bench.ours import PRODUCTION, Ours
from dev.bench.subject import COSTLY, ORIGIN
from tests.common.commands import Operator, Running
from tests.common.people import Person
from tests.common.site import fields

STARTS = 2
LOGINS = 20


@dataclass(frozen=True)
class Serving:
    """`warehouse-mfa serve` over one database."""

    start_seconds: float
    """From the command to the first login page, by the clock on the wall; the shortest."""
    memory_mb: float | None
    """Resident after some logins; `None` where the system does not tell."""


def measure_serving(database: Database, folder: Path) -> Serving:
    """Start the server some times, and log in to the last one."""
    url = database.create("served", migrated=True)
    with closing(Ours(url, COSTLY)) as site:
        person = site.person("bob", key=True)
    starts = []
    for _ in range(STARTS - 1):
        with _served(url, folder) as (_, seconds):
            starts.append(seconds)
    with _served(url, folder) as (running, seconds):
        starts.append(seconds)
        _log_in_often(running.port, person)
        return Serving(min(starts), _resident_mb(running.process.pid))


@contextmanager
def _served(url: str, folder: Path) -> Iterator[tuple[Running, float]]:
    """Yield a server, and the seconds until its first answer."""
    operator = Operator(folder, **fields(url, origin=ORIGIN, **PRODUCTION))
    started = time.monotonic()
    with operator.serve() as running:
        with closing(Wire(running.port)) as wire:
            Browser(wire.send, ORIGIN).get(LOGIN)
        yield running, time.monotonic() - started
        running.end()


def _log_in_often(port: int, person: Person) -> None:
    # With a key: a code could be used once in 30 seconds.
    with closing(Wire(port)) as wire:
        for _ in range(LOGINS):
            webauthn_login(Browser(wire.send, ORIGIN), person)


def _resident_mb(pid: int) -> float | None:
    try:
        lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    (kilobytes,) = (line.split()[1] for line in lines if line.startswith("VmRSS:"))
    return int(kilobytes) * 1024 / 1e6
