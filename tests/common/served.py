"""The application on a port of this machine: waitress in a thread, or `warehouse-mfa serve`."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread
from typing import Self

import waitress.server
from pyramid.config import Configurator
from waitress import wasyncore
from zope.interface import implementer

from tests.common.commands import Operator
from tests.common.site import Site, fields
from warehouse_mfa.clock import IClock

LOOPBACK = "127.0.0.1"
THREADS = 4


@implementer(IClock)
class RunningClock:
    """The time of this machine, and what a test adds to it."""

    def __init__(self) -> None:
        self._added = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self._added

    def monotonic(self) -> float:
        return self.now().timestamp()

    def advance(self, **duration: float) -> None:
        """Move on: `advance(minutes=5)`."""
        self._added += timedelta(**duration)

    def reset(self) -> None:
        self._added = timedelta()


class ServedSite(Site):
    """A site that a browser can visit: `with ServedSite(database_url) as site`."""

    def __init__(self, database_url: str, **settings_: str) -> None:
        bound = socket.socket()
        bound.bind((LOOPBACK, 0))
        super().__init__(database_url, f"http://localhost:{bound.getsockname()[1]}", **settings_)
        self._server = waitress.server.create_server(
            self.application, sockets=[bound], threads=THREADS, asyncore_use_poll=True
        )
        self._thread = Thread(target=self._serve, name="waitress")
        self._is_closing = False

    def _extend(self, config: Configurator) -> None:
        self.clock = RunningClock()  # type: ignore[assignment]
        super()._extend(config)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._is_closing = True
        self._server.pull_trigger()
        self._thread.join()
        self._server.task_dispatcher.shutdown()
        wasyncore.close_all(self._server._map, ignore_all=True)
        self.close()

    @contextmanager
    def busy(self) -> Iterator[None]:
        """Let every change wait until the end of the block, as if the machine were slow."""
        with self._engine.begin():
            yield

    def _serve(self) -> None:
        while not self._is_closing:
            wasyncore.loop(timeout=1.0, use_poll=True, map=self._server._map, count=1)


@contextmanager
def serve(database_url: str, folder: Path) -> Iterator[str]:
    """Run `warehouse-mfa serve` in `folder` until the end, and yield its origin."""
    with Operator(folder, **fields(database_url)).serve() as running:
        yield running.origin
        assert running.end() == 0, running.lines
