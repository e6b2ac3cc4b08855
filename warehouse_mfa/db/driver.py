"""The driver below SQLAlchemy, for what need not pass through all of it."""

from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError


class Driver:
    """The driver's own connection of one that SQLAlchemy has taken from its pool."""

    __slots__ = ("_cursor", "_driver", "_listeners", "connection")

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        driver: Any = connection.connection.dbapi_connection
        self._driver = driver
        # Of the engine, because those of a connection are put together for each one anew.
        self._listeners = tuple(connection.engine.dispatch.before_cursor_execute)
        # One for all statements: each is read to its end before the next one is sent.
        self._cursor = driver.cursor()

    def run(self, text: str, values: Any = ()) -> Any:
        """Send a text in the driver's own form to the database; return its cursor.

        :raises DBAPIError: of the kind that SQLAlchemy has for it, `connection_invalidated` if it
            broke.
        """
        cursor = self._cursor
        for listener in self._listeners:
            listener(self.connection, cursor, text, values, None, False)
        try:
            cursor.execute(text, values)
        except self.connection.dialect.loaded_dbapi.Error as error:
            raise self._said(error, text, values) from error
        return cursor

    def _said(self, error: Any, text: str, values: Any) -> Exception:
        connection, dialect = self.connection, self.connection.dialect
        is_disconnect = dialect.is_disconnect(error, self._driver, self._cursor)
        if is_disconnect:
            connection.invalidate(error)
        return DBAPIError.instance(
            text,
            values,
            error,
            dialect.loaded_dbapi.Error,
            hide_parameters=connection.engine.hide_parameters,
            connection_invalidated=is_disconnect,
            dialect=dialect,
        )
