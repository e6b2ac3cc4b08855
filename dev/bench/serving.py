"""A process that serves: how long it takes to answer first, and how much memory it holds."""

import os
import socket
import subprocess
import sys
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
from tests.common.people import Person
from tests.common.site import environment
from warehouse_mfa import paths

STARTS = 2
LOGINS = 20
START_SECONDS = 30
END_SECONDS = 40


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
        with _served(url, folder) as (_, _, seconds):
            starts.append(seconds)
    with _served(url, folder) as (pid, port, seconds):
        starts.append(seconds)
        _log_in_often(port, person)
        return Serving(min(starts), _resident_mb(pid))


@contextmanager
def _served(url: str, folder: Path) -> Iterator[tuple[int, int, float]]:
    """Yield a server's process id, its port, and the seconds that it took to answer."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    values = environment(url, ORIGIN, **PRODUCTION)
    started = time.monotonic()
    with subprocess.Popen(
        [sys.executable, "-m", "warehouse_mfa", "serve", "--port", str(port)],
        cwd=folder,
        env={**os.environ, **values, "PYTHONPATH": str(paths.PACKAGE.parent)},
        stdout=subprocess.DEVNULL,
        stderr=(folder / "serve.log").open("wb"),
    ) as process:
        try:
            while not _answers(port):
                if process.poll() is not None or time.monotonic() - started > START_SECONDS:
                    raise SystemExit((folder / "serve.log").read_text())
                time.sleep(0.005)
            yield process.pid, port, time.monotonic() - started
        finally:
            process.terminate()
            process.wait(END_SECONDS)


def _answers(port: int) -> bool:
    with closing(Wire(port)) as wire:
        try:
            Browser(wire.send, ORIGIN).get(LOGIN)
        except OSError:
            return False
        return True


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
