"""The driver below SQLAlchemy, for what need not pass through all of it."""

from typing import Any, Self

from sqlalchemy import Connection, Dialect, Engine
from sqlalchemy.exc import DBAPIError, InvalidRequestError, OperationalError

from warehouse_mfa.db.libpq import LibpqCursor

SKIPS_BEGIN = "warehouse_mfa_skips_begin"
"""Noted of a connection for whose next transaction SQLAlchemy has to send nothing: it is a session's."""


def counting(dialect: Dialect) -> Dialect:
    """Return the dialect of texts that count their values, as a `Driver` takes them.

    That is how the server takes them.
    """
    if dialect.name != "postgresql":
        return dialect
    kind: Any = type(dialect)
    counted: Dialect = kind(paramstyle="numeric_dollar")
    return counted


class Driver:
    """A connection of the driver, with the pool, the errors and the listeners of SQLAlchemy.

    SQLAlchemy's own `Connection` costs more than what the driver does for a short statement, before
    it has done anything.
    """

    __slots__ = ("_committing", "_connection", "_cursor", "_listeners", "_pooled", "_raw", "engine")

    def __init__(self, engine: Engine, pooled: Any, connection: Connection | None = None) -> None:
        """`pooled` is what the pool of `engine` gave, to `connection` if that is not `None`."""
        self.engine = engine
        self._pooled = pooled
        self._connection = connection
        self._listeners = tuple(engine.dispatch.before_cursor_execute)
        raw = self._raw = pooled.dbapi_connection
        # One for all statements: each is read to its end before the next one is sent.
        if engine.name == "postgresql":
            self._cursor = self._committing = LibpqCursor.of(raw, pooled.info)
        else:
            self._cursor, self._committing = raw.cursor(), raw

    @classmethod
    def connect(cls, engine: Engine) -> Self:
        """Take a connection from the pool. :raises DBAPIError: of the fitting kind."""
        try:
            return cls(engine, engine.raw_connection())
        except engine.dialect.loaded_dbapi.Error as error:
            raise _said(engine, error, "", ()) from error
        except InvalidRequestError as error:
            # Twice in a row the pool had one that was closed: the database is just restarting.
            raise OperationalError("", None, error) from error

    @classmethod
    def of(cls, connection: Connection) -> Self:
        """Return the driver below a connection, which stays its owner."""
        return cls(connection.engine, connection.connection, connection)

    @property
    def info(self) -> dict[Any, Any]:
        """What is noted of the connection as long as it is open."""
        noted: dict[Any, Any] = self._pooled.info
        return noted

    @property
    def is_open(self) -> bool:
        """It did not break."""
        return bool(self._pooled.is_valid)

    @property
    def connection(self) -> Connection:
        """The same connection for what only SQLAlchemy can do, in the transaction that is open."""
        if self._connection is None:
            self._connection = Connection(self.engine, self._pooled)
            self.info[SKIPS_BEGIN] = True
            self._connection.begin()
        return self._connection

    def run(self, text: str, values: Any = ()) -> Any:
        """Send a text that counts its `values` to the database; return the driver's cursor.

        :raises DBAPIError: of the kind that SQLAlchemy has for it, `connection_invalidated` if it
            broke.
        """
        for listener in self._listeners:
            listener(self._connection, self._cursor, text, values, None, False)
        try:
            self._cursor.execute(text, values)
        except self.engine.dialect.loaded_dbapi.Error as error:
            raise self._broken_by(error, text, values) from error
        return self._cursor

    def commit(self) -> None:
        """Make it last, if a transaction has begun. :raises DBAPIError: as `run`."""
        try:
            self._committing.commit()
        except self.engine.dialect.loaded_dbapi.Error as error:
            raise self._broken_by(error, "COMMIT", ()) from error

    def close(self) -> None:
        """Give the connection back to the pool, which undoes what was not committed."""
        self._pooled.close()

    def _broken_by(self, error: Exception, text: str, values: Any) -> Exception:
        said = _said(self.engine, error, text, values, self._raw, self._cursor)
        if said.connection_invalidated and self.is_open:
            self._pooled.invalidate(error)
        return said


def _said(
    engine: Engine, error: Any, text: str, values: Any, raw: Any = None, cursor: Any = None
) -> DBAPIError:
    """Return what SQLAlchemy says of an error of the driver."""
    dialect = engine.dialect
    said = DBAPIError.instance(
        text,
        values,
        error,
        dialect.loaded_dbapi.Error,
        hide_parameters=engine.hide_parameters,
        connection_invalidated=dialect.is_disconnect(error, raw, cursor),
        dialect=dialect,
    )
    assert isinstance(said, DBAPIError), "of the driver"
    return said
