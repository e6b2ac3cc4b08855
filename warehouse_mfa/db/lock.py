"""One process alone: without Redis, limits live in the memory of the one `serve` that runs."""

import fcntl
import os
from typing import Protocol

from sqlalchemy import Engine, text

ADVISORY_LOCK = 0x4D464102  # "MFA", 2


class AlreadyServed(Exception):
    """Another process serves the same database."""


class Held(Protocol):
    def close(self) -> None: ...


def hold(engine: Engine) -> Held:
    """Take the lock of the only serving process and hold it until closed or the process ends.

    :raises AlreadyServed: when another process has it.
    """
    if engine.dialect.name == "sqlite":
        return _hold_file(f"{engine.url.database}.serving")
    connection = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
    if not connection.scalar(text("SELECT pg_try_advisory_lock(:key)"), {"key": ADVISORY_LOCK}):
        connection.close()
        raise AlreadyServed
    return connection


def _hold_file(path: str) -> Held:
    file = open(path, "a", encoding="ascii")  # noqa: SIM115 - held open as long as the lock
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        file.close()
        raise AlreadyServed from error
    file.truncate(0)
    file.write(f"{os.getpid()}\n")
    file.flush()
    return file
