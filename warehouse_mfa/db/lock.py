"""One process alone: without Redis, limits live in the memory of the one `serve` that runs."""

import fcntl
import os
from collections.abc import Callable
from contextlib import suppress
from threading import Event, Thread
from typing import Protocol

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from warehouse_mfa import logs
from warehouse_mfa.db.engine import is_closed

log = logs.get(__name__)
ADVISORY_LOCK = 0x4D464102  # "MFA", 2
LOOK_SECONDS = 1.0
TAKE = text("SELECT pg_try_advisory_lock(:key)")
GIVE_BACK = text("SELECT pg_advisory_unlock(:key)")


class AlreadyServed(Exception):
    """Another process serves the same database."""


class Held(Protocol):
    """The lock of the only serving process."""

    def keep(self, lost: Callable[[], None]) -> None:
        """Take the lock again whenever the database was restarted, from a thread of its own.

        `lost` is called when another process was faster: this one must not serve on.
        """

    def close(self) -> None: ...


def hold(engine: Engine) -> Held:
    """Take the lock of the only serving process and hold it until closed or the process ends.

    :raises AlreadyServed: when another process has it.
    """
    if engine.dialect.name == "sqlite":
        return _FileLock(f"{engine.url.database}.serving")
    return _AdvisoryLock(engine)


class _FileLock:
    """A lock that is lost with the process only."""

    def __init__(self, path: str) -> None:
        self._file = open(path, "a", encoding="ascii")  # noqa: SIM115 - open as long as the lock
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self._file.close()
            raise AlreadyServed from error
        self._file.truncate(0)
        self._file.write(f"{os.getpid()}\n")
        self._file.flush()

    def keep(self, lost: Callable[[], None]) -> None:
        """Nothing can take it away."""

    def close(self) -> None:
        self._file.close()


class _AdvisoryLock:
    """A lock that hangs on a connection, and is gone when the server is restarted."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._connection: Connection | None = self._take()
        self._is_over = Event()
        self._keeper: Thread | None = None

    def keep(self, lost: Callable[[], None]) -> None:
        self._keeper = Thread(target=self._keep, args=[lost], name="lock", daemon=True)
        self._keeper.start()

    def close(self) -> None:
        self._is_over.set()
        if self._keeper is not None:
            self._keeper.join()
        if self._connection is not None and self._is_held(self._connection):
            # Said, because a server takes a moment to see that a connection was closed. One that
            # ends just now lets go of the lock by itself.
            with suppress(DBAPIError):
                self._connection.execute(GIVE_BACK, {"key": ADVISORY_LOCK})
        self._let_go()

    def _keep(self, lost: Callable[[], None]) -> None:
        while not self._is_over.wait(LOOK_SECONDS):
            if self._connection is not None and self._is_held(self._connection):
                continue
            self._let_go()
            try:
                self._connection = self._take()
            except AlreadyServed:
                log.error("another process serves this database")
                lost()
                return
            except DBAPIError as error:
                log.warning("lock not taken again yet", error=type(error).__name__)

    def _is_held(self, connection: Connection) -> bool:
        driver = connection.connection.driver_connection
        return driver is not None and not is_closed(driver)

    def _let_go(self) -> None:
        if self._connection is not None:
            self._connection.invalidate()  # not back to the pool, whatever state it is in
            self._connection.close()
            self._connection = None

    def _take(self) -> Connection:
        connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        is_ours = False
        try:
            is_ours = bool(connection.scalar(TAKE, {"key": ADVISORY_LOCK}))
        finally:
            if not is_ours:
                connection.close()
        if not is_ours:
            raise AlreadyServed
        return connection
