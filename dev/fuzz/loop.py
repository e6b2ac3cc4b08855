"""The loop: make an input, send it, look at the answer, put the database back."""

import logging
import time
import traceback
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random
from typing import Any

from dev.fuzz.drafts import Input
from dev.fuzz.mutation import input_of
from dev.fuzz.scenes import SCENES, Build, Scene
from dev.fuzz.snapshot import Snapshot
from tests.common.site import Site

INPUTS_OF_A_SCENE = 500
"""So many inputs are made of a scene before it is built anew, with other secrets and ids."""
LONGEST_SECONDS = 2.0
PLENTY = "1000000 per day"
BASE: dict[str, Any] = {
    "SERVER_NAME": "localhost",
    "SERVER_PORT": "8000",
    "REMOTE_ADDR": "192.0.2.1",
    "HTTP_HOST": "localhost:8000",
    "wsgi.version": (1, 0),
    "wsgi.url_scheme": "http",
    "wsgi.multithread": False,
    "wsgi.multiprocess": False,
    "wsgi.run_once": False,
}
LIMITS = [
    "login_user",
    "login_device",
    "login_address",
    "code_user",
    "code_device",
    "webauthn_user",
    "webauthn_device",
    "passkey_user",
    "factor_address",
    "mail_address",
    "register_address",
    "reset_link",
]


@dataclass(frozen=True)
class Failure:
    """An input that must not have this outcome."""

    scene: str
    seed: str
    """Makes this input again from a scene built anew."""
    sent: Input
    outcome: str
    details: str

    @property
    def kind(self) -> tuple[str, str]:
        """What failures of one cause share: the outcome, and where the code was."""
        return self.outcome, self.details.rstrip().rpartition("\n  File ")[2]


@dataclass
class Results:
    """What a run has seen."""

    statuses: Counter[str] = field(default_factory=Counter)
    changes: int = 0
    """Inputs that changed the database."""
    slowest: float = 0.0
    seconds: float = 0.0
    failures: list[Failure] = field(default_factory=list)

    @property
    def inputs(self) -> int:
        return self.statuses.total()


class Listener(logging.Handler):
    """Keeps the last error that was logged."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.error = ""

    def emit(self, record: logging.LogRecord) -> None:
        told = record.msg if isinstance(record.msg, dict) else {}
        error = told.get("exc_info") or (record.exc_info and record.exc_info[1])
        if isinstance(error, tuple):
            error = error[1]
        lines = traceback.format_exception(error) if isinstance(error, BaseException) else []
        self.error = "".join(lines) or str(told.get("exception", record.getMessage()))


class Fuzzer:
    """Sends inputs to a site over SQLite."""

    def __init__(self, site: Site, database_url: str, scenes: Mapping[str, Build] = SCENES) -> None:
        self._site = site
        self._url = database_url
        self._scenes = scenes

    def run(self, inputs: int, seed: str) -> Results:
        """Send so many inputs, made from the seed; scenes take turns. Ctrl-C ends it early."""
        results, started = Results(), time.monotonic()
        listener = Listener()
        logging.getLogger().addHandler(listener)
        try:
            with Snapshot(self._url) as snapshot, suppress(KeyboardInterrupt):
                for scene, count in self._rounds(inputs):
                    snapshot.keep()
                    for _ in range(count):
                        self._try(f"{seed}:{results.inputs}", scene, results, listener)
                        if snapshot.put_back():
                            results.changes += 1
                            self._site.registry["limits_storage"].reset()
        finally:
            logging.getLogger().removeHandler(listener)
        results.seconds = time.monotonic() - started
        return results

    def _rounds(self, inputs: int) -> Iterator[tuple[Scene, int]]:
        """Yield each scene in turn, built over an empty database, and how many inputs it gets."""
        each = max(1, min(INPUTS_OF_A_SCENE, inputs // len(self._scenes)))
        while inputs > 0:
            for build in self._scenes.values():
                count = min(each, inputs)
                if count == 0:
                    return
                self._site.reset()
                yield build(self._site), count
                inputs -= count

    def _try(self, seed: str, scene: Scene, results: Results, listener: Listener) -> None:
        sent = input_of(Random(seed), scene)
        outcome, details, seconds = self.send(sent, listener)
        if seconds > LONGEST_SECONDS:
            # The machine may have been busy elsewhere: what is slow is slow again.
            seconds = min(seconds, self.send(sent, listener)[2])
        results.statuses[outcome] += 1
        results.slowest = max(results.slowest, seconds)
        if seconds > LONGEST_SECONDS:
            outcome, details = "slow", f"{seconds:.1f} s"
        elif outcome < "500":
            return
        failure = Failure(scene.name, seed, sent, outcome, details)
        if failure.kind not in {known.kind for known in results.failures}:
            results.failures.append(failure)

    def send(self, sent: Input, listener: Listener) -> tuple[str, str, float]:
        """Send an input; return its status or "raised", what went wrong, and the time it took."""
        statuses: list[str] = []

        def start_response(status: str, headers: list[tuple[str, str]], error: Any = None) -> None:
            for name, value in headers:
                # A server writes headers as Latin-1, and a line break in one ends the answer.
                value.encode("latin-1")
                assert value.isprintable() or "\t" in value, f"{name}: {value!r}"
            statuses.append(status[:3])

        listener.error, began = "", time.perf_counter()
        try:
            answer = self._site.application(sent.environ(BASE), start_response)
            for _ in answer:
                pass
            if hasattr(answer, "close"):
                answer.close()
        except Exception:  # noqa: BLE001 - whatever comes out is what is looked for
            return "raised", traceback.format_exc(), time.perf_counter() - began
        return statuses[-1], listener.error, time.perf_counter() - began
