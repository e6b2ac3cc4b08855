"""A server process which cannot outlive the process that started it."""

import atexit
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self, TypedDict

START_SECONDS = 30.0
STOP_SECONDS = 20.0
# The pause between two questions "are you there?". It is spent waiting for the process, so that a
# server which dies while starting is noticed at once.
QUESTION_SECONDS = 0.02

# The path of a unix socket is limited to 104 bytes on BSD and 108 on Linux (sun_path), with the
# NUL.
SOCKET_PATH_BYTES = 103

# Linux kills the child when the thread that started it ends. The kernel forgets the request when
# the process changes its user, so the order is: change the user, ask, make sure the parent is still
# there, become the server. A small program of its own does this, because `preexec_fn` is not safe
# in a program with threads, and because `user=` would have to run this interpreter as somebody who
# may not read it.
GUARD = """
import ctypes, os, signal, sys
parent, death_signal, uid, gid = map(int, sys.argv[1:5])
if uid >= 0:
    os.setgroups([])
    os.setgid(gid)
    os.setuid(uid)
PR_SET_PDEATHSIG = 1
ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, death_signal, 0, 0, 0)
if os.getppid() != parent:
    sys.exit("the process that started this server is gone")
os.execv(sys.argv[5], sys.argv[5:])
"""


class ServiceError(RuntimeError):
    """A server is not installed, did not start or did not stop; the sentence says what to do."""


@dataclass(frozen=True)
class Account:
    """The system user a child runs as."""

    uid: int
    gid: int

    @classmethod
    def unprivileged(cls) -> "Account | None":
        """Return `nobody` for root, whom PostgreSQL refuses to serve, and None for others."""
        if os.geteuid() != 0:
            return None
        nobody = pwd.getpwnam("nobody")
        return cls(nobody.pw_uid, nobody.pw_gid)


def temporary_directory(prefix: str, *, socket_name: str, owner: Account | None) -> Path:
    """Return a new directory of mode 0700 for `owner`, short enough for a unix socket in it.

    :raises ServiceError: if the temporary directory has too long a name.
    """
    parents = [tempfile.gettempdir(), "/tmp"]
    for parent in parents:
        directory = Path(tempfile.mkdtemp(prefix=prefix, dir=parent))
        if len(os.fsencode(directory / socket_name)) <= SOCKET_PATH_BYTES:
            if owner is not None:
                os.chown(directory, owner.uid, owner.gid)
            return directory
        directory.rmdir()
    raise ServiceError(f"Set TMPDIR to a shorter path: no socket fits below {parents[0]}.")


def run(
    command: Sequence[str | Path], *, directory: Path, account: Account | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a short `command` to its end; return its code and what it said in both streams."""
    return subprocess.run(
        [str(word) for word in command],
        cwd=directory,
        env=environment(directory),
        text=True,
        errors="replace",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=START_SECONDS,
        **_identity(account),
    )


def environment(home: Path) -> dict[str, str]:
    """Return our environment with another home, less the developer's PostgreSQL settings."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return ours | {"HOME": str(home), "LC_ALL": "C"}


class Service(ABC):
    """A server in a temporary directory: started, stopped, and never left behind.

    `start` makes the directory and boots; `stop` ends the server and removes the directory. In
    between the server can go and come back with its data: `interrupt` is an orderly end, `crash` a
    loss of power, and `resume` boots again under the same URL.

    Start it from a thread that lives on: on Linux the server ends with the thread that started it.
    """

    directory: Path

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._owner: int | None = None

    @property
    @abstractmethod
    def url(self) -> str:
        """The address for a client; the same until `stop`."""

    @property
    def is_running(self) -> bool:
        """Whether the server's process is alive."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> Self:
        """Make the directory, boot the server and return when it answers.

        :raises ServiceError: if it is not installed or does not come up; nothing is left behind
            then.
        """
        if self._owner is not None:
            raise ServiceError(f"{type(self).__name__} is already started.")
        self._owner = os.getpid()
        atexit.register(self.stop)
        try:
            self._prepare()
            self._boot()
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self) -> None:
        """End the server and remove its directory. Nothing happens twice, or in a fork."""
        if self._owner != os.getpid():
            return
        try:
            self.interrupt()
        finally:
            atexit.unregister(self.stop)
            self._owner = None
            if hasattr(self, "directory"):
                shutil.rmtree(self.directory, ignore_errors=True)

    def restart(self) -> None:
        """End the server in an orderly way and boot it again with its data, under the same URL."""
        self.interrupt()
        self.resume()

    def interrupt(self) -> None:
        """End the server in an orderly way, and keep its data."""
        self._end(self._end_signal)

    def crash(self) -> None:
        """End the server as a loss of power would, and keep what it had written by then."""
        self._end(self._crash_signal)

    def resume(self) -> None:
        """Boot the server again after `interrupt` or `crash`."""
        if self.is_running:
            raise ServiceError(f"{type(self).__name__} is running.")
        self._boot()

    def __enter__(self) -> Self:
        return self if self.is_running else self.start()

    def __exit__(self, *exception: object) -> None:
        self.stop()

    _end_signal = signal.SIGTERM
    _crash_signal = signal.SIGKILL

    @abstractmethod
    def _prepare(self) -> None:
        """Find the binaries, set `directory` and fill it."""

    @abstractmethod
    def _boot(self) -> None:
        """Call `_launch` with the server's command."""

    def _launch(
        self,
        command: Sequence[str | Path],
        *,
        is_ready: Callable[[], bool],
        account: Account | None = None,
    ) -> None:
        words = [str(word) for word in command]
        log = self.directory / "log"
        with log.open("ab") as output:
            said_before = output.tell()
            self._process = subprocess.Popen(
                _guarded(words, self._end_signal, account),
                cwd=self.directory,
                env=environment(self.directory),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                # Control-C in the terminal is for us; the server is stopped in its turn.
                start_new_session=True,
                **_identity(None if sys.platform == "linux" else account),
            )
        deadline = time.monotonic() + START_SECONDS
        while not is_ready():
            if self._exited_within(QUESTION_SECONDS) or time.monotonic() > deadline:
                self._end(signal.SIGKILL)
                said = log.read_bytes()[said_before:].decode(errors="replace").strip()
                raise ServiceError(f"{Path(words[0]).name} did not start:\n{said}")

    def _end(self, how: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(how)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _exited_within(self, seconds: float) -> bool:
        assert self._process is not None
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True


def _guarded(words: list[str], death_signal: signal.Signals, account: Account | None) -> list[str]:
    if sys.platform != "linux":
        return words
    uid, gid = (account.uid, account.gid) if account else (-1, -1)
    facts = [os.getpid(), int(death_signal), uid, gid]
    return [sys.executable, "-I", "-S", "-c", GUARD, *map(str, facts), *words]


class Identity(TypedDict, total=False):
    """The arguments of `subprocess` that change the user of the child alone."""

    user: int
    group: int
    extra_groups: list[int]


def _identity(account: Account | None) -> Identity:
    if account is None:
        return {}
    return {"user": account.uid, "group": account.gid, "extra_groups": []}
