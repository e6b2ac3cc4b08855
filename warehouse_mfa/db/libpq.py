"""A cursor of PostgreSQL for statements that come again: libpq, with values as psycopg adapts them."""

from collections.abc import Sequence
from typing import Any, Self

import psycopg
from psycopg import errors, pq
from psycopg.adapt import PyFormat, Transformer

CURSOR = "warehouse_mfa_cursor"
MOST_KNOWN = 500
"""Texts of which one connection notes that they came. When more come, it begins again with none."""
STALE = (b"26000", b"0A000")
"""SQLSTATE of a name that is gone (`DEALLOCATE ALL`), and of a plan for a table that has changed."""
DONE = (pq.ExecStatus.TUPLES_OK, pq.ExecStatus.COMMAND_OK)

Types = tuple[int, ...] | None
"""Numbers (OID) of the types of a statement's values, which differ with the values."""


class LibpqCursor:
    """The part of a DBAPI cursor that is used here, one for a connection as long as it is open.

    psycopg's own takes as long again as what libpq does, and is made anew for each use: it locks the
    connection, looks into the text, and waits so that a signal can interrupt it. Here one thread has
    the connection, texts count their values (`$1`), and whoever serves hears no signal in a statement.

    A text that comes a second time is prepared: the server reads and plans it once for a connection.
    psycopg must prepare nothing beside it (`prepare_threshold=None`): it drops all names at a rollback.
    """

    __slots__ = ("_libpq", "_names", "_prepared", "_result", "_values")

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._libpq = connection.pgconn
        self._values = Transformer(connection)
        self._names: dict[tuple[str, Types], bytes | None] = {}
        self._prepared = 0
        self._result: pq.abc.PGresult | None = None

    @classmethod
    def of(cls, connection: psycopg.Connection[Any], noted: dict[Any, Any]) -> Self:
        """Return the cursor of a connection, kept among what is `noted` of it while it is open."""
        cursor: Self | None = noted.get(CURSOR)
        if cursor is None:
            cursor = noted[CURSOR] = cls(connection)
        return cursor

    def execute(self, text: str, values: Sequence[Any] = ()) -> None:
        """Send a text that counts its `values`. :raises psycopg.Error: of the fitting kind."""
        libpq, types, formats, sent = self._libpq, None, None, None
        if values:
            sent = self._values.dump_sequence(values, [PyFormat.AUTO] * len(values))
            types, formats = self._values.types, self._values.formats
        name = self._name_of(text, types)
        if name is not None:
            # Its annotation forgets None, which it takes for NULL as `exec_params` does.
            result = libpq.exec_prepared(name, sent, formats)  # type: ignore[arg-type]
        if name is None or self._is_stale(result):
            result = libpq.exec_params(text.encode(), sent, types, formats)
        self._result = self._checked(result)

    def commit(self) -> None:
        """Make it last, if a transaction has begun. :raises psycopg.Error: of the fitting kind."""
        if self._libpq.transaction_status != pq.TransactionStatus.IDLE:
            self.execute("COMMIT")

    @property
    def description(self) -> Sequence[tuple[str]]:
        """The names of the columns that came back, none when nothing did."""
        result = self._answer()
        return [((result.fname(place) or b"").decode(),) for place in range(result.nfields)]

    @property
    def rowcount(self) -> int:
        """How many rows were found, -1 where the server does not count them."""
        found = self._answer().command_tuples
        return -1 if found is None else found

    def fetchall(self) -> list[tuple[Any, ...]]:
        """Return all rows that came back."""
        result = self._answer()
        self._values.set_pgresult(result)
        return self._values.load_rows(0, result.ntuples, tuple)

    def _answer(self) -> pq.abc.PGresult:
        if self._result is None:
            raise errors.ProgrammingError("Nothing was sent.")
        return self._result

    def _name_of(self, text: str, types: Types) -> bytes | None:
        """Return the name of a prepared statement, or `None` for a text that came never before."""
        key = (text, types)
        name = self._names.get(key)
        if name is None and key in self._names:
            self._prepared += 1
            name = b"warehouse_mfa_%d" % self._prepared
            self._checked(self._libpq.prepare(name, text.encode(), types))
            self._names[key] = name
        elif name is None:
            if len(self._names) >= MOST_KNOWN:
                self._checked(self._libpq.exec_(b"DEALLOCATE ALL"))
                self._names.clear()
            self._names[key] = None
        return name

    def _is_stale(self, result: pq.abc.PGresult) -> bool:
        """Tell whether a prepared statement was refused for being one, and can be sent as a text.

        What was prepared is forgotten then. In a transaction the refusal has ended it.
        """
        if result.status in DONE or result.error_field(pq.DiagnosticField.SQLSTATE) not in STALE:
            return False
        self._names.clear()
        return self._libpq.transaction_status == pq.TransactionStatus.IDLE

    def _checked(self, result: pq.abc.PGresult) -> pq.abc.PGresult:
        if result.status in DONE:
            return result
        if result.error_field(pq.DiagnosticField.SQLSTATE) is None:
            # No answer of the server: what the driver says of a connection that broke.
            raise errors.OperationalError(result.get_error_message())
        raise errors.error_from_result(result)
