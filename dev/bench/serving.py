"""A process that serves: how long it takes to answer first, and how much memory it holds."""

import os
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
    start_processor_seconds: float | None
    """Processor time until then, which says more on a machine that is busy; the shortest."""
    memory_mb: float | None
    """Resident after some logins; `None` where the system does not tell."""


def measure_serving(database: Database, folder: Path, interpreter: str) -> Serving:
    """Start the server some times, and log in to the last one.

    `interpreter` is best a Python that has what production has, and no tools of developers: some
    libraries load them when they are there.
    """
    url = database.create("served", migrated=True)
    with closing(Ours(url, COSTLY)) as site:
        person = site.person("bob", key=True)
    starts = []
    for _ in range(STARTS - 1):
        with _served(url, folder, interpreter) as (_, start):
            starts.append(start)
    with _served(url, folder, interpreter) as (running, start):
        starts.append(start)
        _log_in_often(running.port, person)
        memory_mb = _resident_mb(running.process.pid)
    known = [start.processor_seconds for start in starts if start.processor_seconds is not None]
    return Serving(min(start.seconds for start in starts), min(known, default=None), memory_mb)


@dataclass(frozen=True)
class _Start:
    seconds: float
    processor_seconds: float | None


@contextmanager
def _served(url: str, folder: Path, interpreter: str) -> Iterator[tuple[Running, _Start]]:
    """Yield a server, and what it took until its first answer."""
    operator = Operator(folder, **fields(url, origin=ORIGIN, **PRODUCTION))
    operator.interpreter = interpreter
    started = time.monotonic()
    with operator.serve() as running:
        with closing(Wire(running.port)) as wire:
            Browser(wire.send, ORIGIN).get(LOGIN)
        seconds = time.monotonic() - started
        yield running, _Start(seconds, _processor_seconds(running.process.pid))
        running.end()


def _log_in_often(port: int, person: Person) -> None:
    # With a key: a code could be used once in 30 seconds.
    with closing(Wire(port)) as wire:
        for _ in range(LOGINS):
            webauthn_login(Browser(wire.send, ORIGIN), person)


def _processor_seconds(pid: int) -> float | None:
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="ascii")
    except OSError:
        return None
    fields = text.rpartition(")")[2].split()  # from the third on; the second is a name in brackets
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _resident_mb(pid: int) -> float | None:
    try:
        lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    (kilobytes,) = (line.split()[1] for line in lines if line.startswith("VmRSS:"))
    return int(kilobytes) * 1024 / 1e6
