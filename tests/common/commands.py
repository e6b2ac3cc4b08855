"""`warehouse-mfa` as an operator runs it: a process with a folder and an environment of its own."""

import http.client
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Condition, Thread
from typing import IO, Any, Self

from warehouse_mfa import paths, settings

START_SECONDS = 60.0
END_SECONDS = 60.0


def variables(**settings_: str) -> dict[str, str]:
    """Return environment variables for settings by field name."""
    return {f"{settings.PREFIX}{name.upper()}": value for name, value in settings_.items()}


class Operator:
    """Somebody at a shell, in a folder, with settings in the environment."""

    interpreter = sys.executable
    """The Python that has `warehouse_mfa`."""

    def __init__(self, folder: Path, **settings_: str) -> None:
        self.folder = folder
        self.settings = settings_

    def run(self, *words: str, given: str | bytes = b"") -> subprocess.CompletedProcess[str]:
        """Run `warehouse-mfa` with these words to its end; `given` is its standard input."""
        return self._finish(self._command(words), given)

    def python(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run Python with these words, in the folder and the environment of the operator."""
        return self._finish([self.interpreter, *words], b"")

    def _finish(self, command: list[str], given: str | bytes) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=self._environment(),
            input=given.encode() if isinstance(given, str) else given,
            capture_output=True,
            timeout=START_SECONDS,
        )
        return subprocess.CompletedProcess(
            done.args, done.returncode, done.stdout.decode(), done.stderr.decode()
        )

    def start(self, *words: str) -> "Running":
        """Start `warehouse-mfa` with these words: `with operator.start("worker") as worker`."""
        return Running(self._command(words), self.folder, self._environment())

    def serve(self, *words: str, port: int = 0) -> "Running":
        """Start `serve`, on any port if none is given, and return when it takes requests."""
        running = self.start("serve", "--port", str(port), *words)
        try:
            serving = running.wait_for(lambda record: record.get("event") == "serving")
        except BaseException:
            running.kill()
            raise
        running.host, running.port = serving["host"], serving["port"]
        running.origin = serving["origin"]
        return running

    def _command(self, words: tuple[str, ...]) -> list[str]:
        return [self.interpreter, "-m", "warehouse_mfa", *words]

    def _environment(self) -> dict[str, str]:
        others = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith((settings.PREFIX, "PYTHON"))
        }
        return {**others, "LANGUAGE": "en", **self._python(), **variables(**self.settings)}

    def _python(self) -> dict[str, str]:
        return {"PYTHONPATH": str(paths.PACKAGE.parent)}


class InstalledOperator(Operator):
    """Somebody who has installed the site: the command is given, and the checkout not in sight."""

    def __init__(self, folder: Path, command: Path, **settings_: str) -> None:
        super().__init__(folder, **settings_)
        self._installed = command

    def _command(self, words: tuple[str, ...]) -> list[str]:
        return [str(self._installed), *words]

    def _python(self) -> dict[str, str]:
        return {}


class Running:
    """A process that runs until it is told to end, or the block ends."""

    def __init__(self, command: list[str], folder: Path, environ: dict[str, str]) -> None:
        self.host = ""
        self.port = 0
        self.origin = ""
        self._changed = Condition()
        self._lines: list[str] = []
        self._is_over = False
        self.process = subprocess.Popen(
            command,
            cwd=folder,
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            # Its children, such as Celery's timetable, are ended with it.
            start_new_session=True,
        )
        assert self.process.stdout is not None
        assert self.process.stderr is not None
        self._said: list[bytes] = []
        self._readers = [
            Thread(target=self._read, args=[self.process.stderr]),
            Thread(target=self._drain, args=[self.process.stdout]),
        ]
        for reader in self._readers:
            reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.kill()

    @property
    def lines(self) -> list[str]:
        """The lines on standard error so far."""
        with self._changed:
            return list(self._lines)

    @property
    def output(self) -> str:
        """What stands on standard output, once it has ended."""
        return b"".join(self._said).decode()

    def wait_for(
        self, is_wanted: Callable[[dict[str, Any]], bool], timeout: float = START_SECONDS
    ) -> dict[str, Any]:
        """Return the first log record of that kind, from the beginning.

        :raises TimeoutError: when it does not come. :raises EOFError: when the process ends before.
        """

        def found() -> dict[str, Any] | None:
            records = (json.loads(line) for line in self._lines if line.startswith("{"))
            return next((record for record in records if is_wanted(record)), None)

        with self._changed:
            if not self._changed.wait_for(lambda: found() or self._is_over, timeout):
                raise TimeoutError("\n".join(self._lines))
            record = found()
            if record is None:
                raise EOFError("\n".join(self._lines))
            return record

    def send(self, number: int = signal.SIGTERM) -> None:
        self.process.send_signal(number)

    def end(self, number: int = signal.SIGTERM) -> int:
        """Tell it to end, and return its exit status."""
        self.send(number)
        return self.wait()

    def wait(self, timeout: float = END_SECONDS) -> int:
        """Return its exit status when it has ended by itself."""
        status = self.process.wait(timeout)
        self._close()
        return status

    def kill(self) -> None:
        """End it and its children at once."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(END_SECONDS)
        self._close()

    def connect(self) -> http.client.HTTPConnection:
        """Return a connection to the site that it serves."""
        return http.client.HTTPConnection(self.host, self.port, timeout=30)

    def get(self, path: str, **headers: str) -> http.client.HTTPResponse:
        """GET a path on a connection of its own; the body can be read from what is returned."""
        connection = self.connect()
        connection.request("GET", path, headers={"Connection": "close", **headers})
        return connection.getresponse()

    def _close(self) -> None:
        for reader in self._readers:
            reader.join(END_SECONDS)
        for stream in (self.process.stdout, self.process.stderr):
            if stream is not None:
                stream.close()

    def _read(self, stream: IO[bytes]) -> None:
        for line in stream:
            with self._changed:
                self._lines.append(line.decode().rstrip("\n"))
                self._changed.notify_all()
        with self._changed:
            self._is_over = True
            self._changed.notify_all()

    def _drain(self, stream: IO[bytes]) -> None:
        self._said.extend(stream)
