"""Statements that come again: compiled once, and sent by the driver alone.

For each execution SQLAlchemy makes a key of all parts of a statement to find its compiled form again,
then a context, a result and its metadata: four fifths of what a short statement costs. Statements here
are built once, at import, so that the statement itself is the key; what is left is to convert values
and to ask the driver.

What one text with one row of values cannot say (lists in `IN`, values that SQLAlchemy computes for
itself) is executed by SQLAlchemy as ever. Either way the answer is `Rows`, errors are those of
`sqlalchemy.exc`, and whoever listens to "before_cursor_execute" is told.
"""

import re
from collections import namedtuple
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Self
from weakref import WeakKeyDictionary

from sqlalchemy import (
    ClauseElement,
    Dialect,
    Executable,
    SelectBase,
    Table,
    TextClause,
    UpdateBase,
)
from sqlalchemy.exc import MultipleResultsFound, NoResultFound
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.visitors import iterate

from warehouse_mfa.db.driver import Driver, counting
from warehouse_mfa.db.models import Base

Values = Mapping[str, Any]
Convert = Callable[[Any], Any]
WORD = re.compile(r"\w+")
CHANGE = re.compile(r"\s*(?:INSERT INTO|UPDATE|DELETE FROM) (\w+)(?!.*\bRETURNING\b)", re.S)
ADDITION = re.compile(r"\s*INSERT INTO(?!.*\bON CONFLICT\b)", re.S)


class Rows:
    """All that a statement brought, read already; the part of `sqlalchemy.Result` that is used here."""

    __slots__ = ("_names", "_rows", "rowcount")

    def __init__(self, rows: list[Any], names: Sequence[str], rowcount: int) -> None:
        self._rows = rows
        self._names = names
        self.rowcount = rowcount
        """How many rows an UPDATE, INSERT or DELETE found; of no meaning for a SELECT."""

    def __iter__(self) -> Iterator[Any]:
        return iter(self._rows)

    def all(self) -> list[Any]:
        return self._rows

    def first(self) -> Any:
        """Return the first row, or `None`."""
        return self._rows[0] if self._rows else None

    def one_or_none(self) -> Any:
        """Return the only row, or `None`. :raises MultipleResultsFound: if there are more."""
        if len(self._rows) > 1:
            raise MultipleResultsFound("One row was expected, and there are more.")
        return self.first()

    def one(self) -> Any:
        """Return the only row. :raises NoResultFound: :raises MultipleResultsFound:"""
        if not self._rows:
            raise NoResultFound("One row was expected, and there is none.")
        return self.one_or_none()

    def scalar(self) -> Any:
        """Return the first column of the first row, or `None`."""
        return self._rows[0][0] if self._rows else None

    def scalar_one(self) -> Any:
        """Return the first column of the only row. :raises NoResultFound: or more, as `one`."""
        return self.one()[0]

    def scalar_one_or_none(self) -> Any:
        """Return the first column of the only row, or `None`. :raises MultipleResultsFound:"""
        row = self.one_or_none()
        return None if row is None else row[0]

    def scalars(self) -> "Rows":
        """Return the first column of each row, as if it were the rows."""
        return Rows([row[0] for row in self._rows], self._names[:1], self.rowcount)

    def mappings(self) -> list[dict[str, Any]]:
        """Return each row by the names of its columns."""
        return [dict(zip(self._names, row, strict=True)) for row in self._rows]


class Prepared:
    """One statement in the words of one dialect, for values of the same names each time."""

    def __init__(
        self,
        text: str,
        fixed: list[Any],
        moving: Sequence[tuple[int, str, Convert | None]],
        order: Sequence[int],
        readers: Sequence[tuple[int, Convert]],
        names: Sequence[str] | None,
    ) -> None:
        """`fixed` are the converted values of the statement itself, with places for those that `moving`
        says are given.

        `order` is that in which the text takes values; `names` are those of the columns that come
        back, none when nothing does, and `None` when only the driver can tell.
        """
        self.text = text
        self._fixed = fixed
        self._moving = moving
        self.takes = len(order)
        """How many values its text counts."""
        self._order = None if list(order) == list(range(len(fixed))) else order
        self._readers = readers
        self._row = None if names is None else _row_type(names)
        self.only_adds = ADDITION.match(text) is not None
        """It changes no row that is there."""
        self.changed = _changed_by(text)
        """The table that it changes, if it is one and nothing is returned."""
        self.tables = _tables_in(text)
        """Whatever it may read or change, and the tables that these refer to."""

    @classmethod
    def of(cls, statement: Executable, dialect: Dialect, given: Sequence[str]) -> Self | None:
        """Compile a statement for values of the names in `given`; `None` if one text cannot say it.

        `dialect` counts the values of a text.
        """
        if not isinstance(statement, ClauseElement):
            return None
        compiled = statement.compile(dialect=dialect, column_keys=list(given) or None)
        if not isinstance(compiled, SQLCompiler) or not _is_one_text(compiled):
            return None
        names_in_text = compiled.positiontup or []
        places = {name: place for place, name in enumerate(dict.fromkeys(names_in_text))}
        fixed: list[Any] = [None] * len(places)
        moving = []
        for bind, name in compiled.bind_names.items():
            convert = bind.type.dialect_impl(dialect).bind_processor(dialect)
            place = places[compiled.escaped_bind_names.get(name, name)]
            if bind.key in given:
                moving.append((place, bind.key, convert))
            elif bind.required or bind.callable is not None:
                return None
            else:
                fixed[place] = convert(bind.effective_value) if convert else bind.effective_value
        # What a text brings nobody knows before it was sent.
        is_text = isinstance(statement, TextClause)
        columns: Any = {} if is_text else getattr(statement, "exported_columns", {})
        readers = [
            (place, convert)
            for place, column in enumerate(columns.values())
            if (convert := column.type.dialect_impl(dialect).result_processor(dialect, None))
        ]
        names = None if is_text else [name or "" for name in columns.keys()]  # noqa: SIM118
        order = [places[name] for name in names_in_text]
        return cls(str(compiled), fixed, moving, order, readers, names)

    def values(self, given: Values) -> list[Any]:
        """Return what the driver takes beside the text."""
        values = self._fixed.copy()
        for place, key, convert in self._moving:
            value = given[key]
            values[place] = value if convert is None else convert(value)
        return values if self._order is None else [values[place] for place in self._order]

    def send(self, driver: Driver, given: Values) -> Rows:
        """Run it in the transaction of a connection. :raises DBAPIError: of the fitting kind."""
        return self._read(driver.run(self.text, self.values(given)))

    def _read(self, cursor: Any) -> Rows:
        row_type = self._row
        if row_type is None:
            # Asked once: psycopg makes an object for each column whenever it is asked.
            columns = cursor.description or ()
            row_type = self._row = _row_type([column[0] for column in columns])
        if not row_type._fields:
            return Rows([], (), cursor.rowcount)
        new, readers = tuple.__new__, self._readers
        rows = []
        for found in cursor.fetchall():
            if readers:
                found = list(found)
                for place, convert in readers:
                    found[place] = convert(found[place])
            rows.append(new(row_type, found))
        return Rows(rows, row_type._fields, cursor.rowcount)


def _changed_by(text: str) -> str | None:
    found = CHANGE.match(text)
    return found[1] if found else None


def _tables_in(text: str) -> frozenset[str]:
    """Return the names of tables that are words of a text, and of those that they refer to."""
    tables = Base.metadata.tables
    found = {word for word in WORD.findall(text) if word in tables}
    return frozenset(found.union(*(_referred(tables[name]) for name in found)))


def _referred(table: Table) -> set[str]:
    return {key.column.table.name for key in table.foreign_keys}


def _row_type(names: Sequence[str]) -> Any:
    # Columns of one name, or with none, are counted.
    return namedtuple("Row", names, rename=True)


def _is_one_text(compiled: SQLCompiler) -> bool:
    return not (
        compiled.post_compile_params
        or compiled.literal_execute_params
        or compiled.insert_prefetch
        or compiled.update_prefetch
    )


class Known:
    """What is known of a statement that was sent before."""

    __slots__ = ("is_reading", "prepared")

    def __init__(self, statement: Executable) -> None:
        self.is_reading = _is_reading(statement)
        """It changes nothing and locks nothing."""
        self.prepared: dict[tuple[str, ...], Prepared | None] | None = None
        """By the names of the values it is given; nothing before it came a second time."""


def _is_reading(statement: Executable) -> bool:
    # No function that is asked here changes anything; what a text does nobody knows.
    return isinstance(statement, SelectBase) and not any(map(_changes_or_locks, iterate(statement)))


def _changes_or_locks(part: Any) -> bool:
    return isinstance(part, UpdateBase) or getattr(part, "_for_update_arg", None) is not None


class Statements:
    """The statements of one dialect that came before, and how they are sent."""

    _by_dialect: "WeakKeyDictionary[Dialect, Statements]" = WeakKeyDictionary()

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = counting(dialect)
        # Held weakly: a statement that is built for one use goes, and what was noted of it.
        self._known: WeakKeyDictionary[Executable, Known] = WeakKeyDictionary()

    @classmethod
    def of(cls, dialect: Dialect) -> "Statements":
        """Return those of a dialect, which all connections of its engine share."""
        known = cls._by_dialect.get(dialect)
        if known is None:
            known = cls._by_dialect.setdefault(dialect, cls(dialect))
        return known

    def __len__(self) -> int:
        """Return how many statements are known."""
        return len(self._known)

    def known(self, statement: Executable) -> Known:
        """Return what is known of a statement, which may be new."""
        known = self._known.get(statement)
        if known is None:
            known = self._known[statement] = Known(statement)
        return known

    def prepared(self, statement: Executable, given: Any, known: Known) -> Prepared | None:
        """Return the form of a statement for one row of values, or for none, from its second use on.

        `None` is for what SQLAlchemy has to execute. The first time may be the last time, too.
        """
        if known.prepared is None:
            known.prepared = {}
            return None
        if given is not None and type(given) is not dict:
            return None
        names = tuple(given) if given else ()
        try:
            return known.prepared[names]
        except KeyError:
            prepared = known.prepared[names] = Prepared.of(statement, self._dialect, names)
            return prepared

    def always_prepared(self, statement: Executable, given: Values) -> Prepared:
        """Return the form of a statement that is known to come again.

        :raises ValueError: if one text cannot say it, so that SQLAlchemy has to execute it.
        """
        known = self.known(statement)
        if known.prepared is None:
            known.prepared = {}
        prepared = self.prepared(statement, given, known)
        if prepared is None:
            raise ValueError(f"This cannot be said in one text: {statement}")
        return prepared


def send(driver: Driver, statement: Executable, given: Any, prepared: Prepared | None) -> Rows:
    """Run a statement as the driver or as SQLAlchemy does.

    :raises DBAPIError: of the kind that SQLAlchemy has for it.
    """
    if prepared is None:
        return _by_sqlalchemy(driver, statement, given)
    return prepared.send(driver, given or {})


def _by_sqlalchemy(driver: Driver, statement: Executable, given: Any) -> Rows:
    result = driver.connection.execute(statement, given)
    if not result.returns_rows:
        return Rows([], (), result.rowcount)
    names, rows = list(result.keys()), list(result.all())
    # Of what a change returned SQLAlchemy tells no number, where the driver waits with it.
    return Rows(rows, names, len(rows) if result.rowcount < 0 else result.rowcount)
