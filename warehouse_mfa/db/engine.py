"""Connections: PostgreSQL as it is, SQLite so that nothing is lost and writers take turns."""

import select
import sqlite3
import threading
import time
from pathlib import Path
from typing import Any

import psycopg
import sqlalchemy
from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import InvalidatePoolError, OperationalError
from sqlalchemy.pool import ConnectionPoolEntry

from warehouse_mfa.db.driver import SKIPS_BEGIN, Driver

POOL_SIZE = 20  # waitress threads and the scheduler, with room
BUSY_SECONDS = 5
"""How long a writer of SQLite waits for another process: while all threads wait, nobody can read."""
SWITCHING_SECONDS = 0.01
"""From one try to switch a file to its log to the next."""
READING = "warehouse_mfa_reading"
TURNS = "warehouse_mfa_turns"


def create_engine(url: str) -> Engine:
    """Return the engine of a database URL. Nothing is connected yet."""
    if make_url(url).get_backend_name() == "sqlite":
        return _create_sqlite_engine(url)
    engine = sqlalchemy.create_engine(
        url,
        pool_size=POOL_SIZE,
        max_overflow=0,
        pool_timeout=10,
        hide_parameters=True,  # an error in the log must not show what was to be stored
        connect_args={
            "connect_timeout": 5,
            # Without it the driver would begin a transaction with whatever is sent first.
            "autocommit": True,
            # It would drop what a `LibpqCursor` has prepared.
            "prepare_threshold": None,
        },
    )
    event.listen(engine, "checkout", _look_after)
    event.listen(engine, "begin", _begin)
    return engine


def begin_late(driver: Driver) -> bool:
    """Begin a transaction; return whether nothing was sent for it yet, so that `begin_now` must be.

    A transaction needs to begin with what is changed or locked first: on PostgreSQL each statement
    sees what was committed before it, in a transaction or not. On SQLite one that may write begins
    at once, because nobody else may write between what it reads and what it writes.
    """
    if driver.engine.name == "postgresql" or is_reading(driver.engine):
        return True
    begin_now(driver)
    return False


def begin_now(driver: Driver) -> None:
    """Begin a transaction in the database, which refuses a write in one that only reads."""
    options = driver.engine.get_execution_options()
    if TURNS in options:
        options[TURNS].begin(driver)
    else:
        driver.run("BEGIN READ ONLY" if is_reading(driver.engine) else "BEGIN")


def makes_changes_alone(engine: Engine) -> bool:
    """Tell whether a change that is one statement needs no transaction around it.

    SQLite has to be told first whether it may write.
    """
    return engine.name == "postgresql" and not is_reading(engine)


def _begin(connection: Connection) -> None:
    """Begin a transaction of SQLAlchemy."""
    if connection.info.pop(SKIPS_BEGIN, False):
        return
    if connection.get_execution_options().get("isolation_level") != "AUTOCOMMIT":
        begin_now(Driver.of(connection))


def _look_after(
    connection: psycopg.Connection[Any], entry: ConnectionPoolEntry, proxy: object
) -> None:
    """Connect anew when the database was restarted meanwhile, which costs no error.

    A server that closes a connection says so, and says nothing else while it is not asked. To ask
    (`pool_pre_ping`) would cost three round trips for every request.
    """
    if is_closed(connection):
        raise InvalidatePoolError
    if not connection.autocommit:
        # Whoever had it asked for an isolation of its own, and SQLAlchemy has set what it knows.
        connection.autocommit = True


def is_closed(connection: psycopg.Connection[Any]) -> bool:
    """Tell whether a server has closed a connection on which nothing is being asked."""
    if connection.closed:
        return True
    heard = select.poll()
    heard.register(connection.fileno(), select.POLLIN)
    return bool(heard.poll(0))


def reading_engine(engine: Engine) -> Engine:
    """Return `engine` for transactions that only read: the database refuses a write in them."""
    return engine.execution_options(**{READING: True})


def is_reading(engine: Engine) -> bool:
    """Tell whether the transactions of an engine only read."""
    return bool(engine.get_execution_options().get(READING, False))


def _create_sqlite_engine(url: str) -> Engine:
    database = make_url(url).database
    if database and database != ":memory:":
        # Password hashes are nobody else's business, and SQLite makes its files readable by all.
        Path(database).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    turns = _WriterTurns()
    engine = sqlalchemy.create_engine(
        url,
        pool_size=POOL_SIZE,
        max_overflow=0,
        hide_parameters=True,
        execution_options={TURNS: turns},
        connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False},
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin)
    event.listen(engine, "checkin", turns.checkin)
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, entry: ConnectionPoolEntry) -> None:
    # The driver's own BEGIN is deferred: two writers that read first lose one update in silence.
    connection.isolation_level = None
    _write_ahead(connection)
    for pragma in (
        "synchronous=FULL",
        f"busy_timeout={BUSY_SECONDS * 1000}",
        "foreign_keys=ON",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Switch to the write-ahead log, or find it there."""
    until = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            # Of several who switch a new file at once SQLite refuses one without waiting.
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(SWITCHING_SECONDS)
        else:
            return


class _WriterTurns:
    """Begins transactions; lets one thread of this process write at a time.

    SQLite's own busy handler is unfair: without turns the slowest of fifty writers waits seconds.
    """

    def __init__(self) -> None:
        self._turn = threading.Lock()

    def begin(self, driver: Driver) -> None:
        info = driver.info
        if is_reading(driver.engine):
            _set_query_only(driver, True)
            driver.run("BEGIN")
            return
        _set_query_only(driver, False)
        # A connection keeps its turn until it goes back to the pool.
        if not info.get("has_turn", False):
            if not self._turn.acquire(timeout=BUSY_SECONDS):
                raise OperationalError("BEGIN IMMEDIATE", None, sqlite3.OperationalError("busy"))
            info["has_turn"] = True
        try:
            driver.run("BEGIN IMMEDIATE")
        except BaseException:
            self._release(info)
            raise

    def checkin(self, connection: sqlite3.Connection | None, entry: ConnectionPoolEntry) -> None:
        self._release(entry.info)

    def _release(self, info: dict[Any, Any]) -> None:
        if info.pop("has_turn", False):
            self._turn.release()


def _set_query_only(driver: Driver, value: bool) -> None:
    # Not for every transaction: SQLite then compiles all statements of the connection anew.
    if driver.info.get("query_only", False) is not value:
        driver.run(f"PRAGMA query_only={'ON' if value else 'OFF'}")
        driver.info["query_only"] = value
