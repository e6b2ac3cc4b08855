"""The session of a request, task or command: its statements, in one transaction."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Self

from sqlalchemy import Engine, Executable
from sqlalchemy.exc import IntegrityError
from transaction import TransactionManager
from zope.sqlalchemy.datamanager import STATUS_CHANGED, join_transaction

from warehouse_mfa.db.driver import Driver
from warehouse_mfa.db.engine import begin_late, begin_now, makes_changes_alone
from warehouse_mfa.db.prepared import Prepared, Rows, Statements, send
from warehouse_mfa.db.together import Change, send_together

FOREIGN_KEY_VIOLATION = "23503"  # SQLSTATE; SQLite has a sentence only
MOST_DEFERRED = 50
"""Changes that are sent together: a statement of PostgreSQL has room for 65,535 values."""


class OwnerGone(Exception):
    """A row was written for an account, or for what is its own, that was deleted meanwhile."""


class Session:
    """Statements in a transaction that joins the one of a transaction manager.

        idle --a statement--> joined --commit, abort, close--> idle

    Changes whose answer nobody needs can be deferred: they are sent together with the next statement
    that may see them, or at the end. It has of `sqlalchemy.orm.Session` what zope.sqlalchemy joins by,
    and loads no entities.
    """

    twophase = False

    def __init__(self, engine: Engine, manager: TransactionManager) -> None:
        """Nothing is connected before the first statement."""
        self._engine = engine
        self._manager = manager
        self._statements = Statements.of(engine.dialect)
        self._driver: Driver | None = None
        self._has_to_begin = False
        self._deferred: list[Change] = []
        self._changed: set[str] = set()
        self._touched: set[str] = set()

    def execute(self, statement: Executable, params: Any = None) -> Rows:
        """Run a statement in the transaction, which begins with it unless it has begun.

        :raises NoTransaction: in a pause.
        :raises OwnerGone: if it refers to a row that is gone.
        :raises DBAPIError: of the fitting kind.
        """
        driver = self._driver or self._join()
        known = self._statements.known(statement)
        prepared = self._statements.prepared(statement, params, known)
        if self._deferred and self._may_see_deferred(prepared):
            self.send_deferred()
        if self._has_to_begin and not known.is_reading:
            self._begin(driver)
        try:
            return send(driver, statement, params, prepared)
        except IntegrityError as error:
            _raise_if_owner_is_gone(error)
            raise

    def defer(
        self,
        statement: Executable,
        params: dict[str, Any],
        *,
        or_else: type[Exception] | None = None,
    ) -> None:
        """Make a change at the latest at the end of the transaction, and before it may be seen.

        What `execute` raises is raised by whatever sends it, and so is `or_else` unless it finds one
        row. Two deferred changes must not find the same row, unless they are the same statement.

        :raises ValueError: if it is not one INSERT, UPDATE or DELETE that returns nothing.
        """
        if self._driver is None:
            self._join()
        prepared = self._statements.always_prepared(statement, params)
        if prepared.changed is None:
            raise ValueError(f"This cannot be deferred: {statement}")
        if len(self._deferred) >= MOST_DEFERRED or self._changes_again(prepared):
            self.send_deferred()
        self._deferred.append(Change(prepared, params, or_else))
        self._changed.add(prepared.changed)
        self._touched |= prepared.tables

    def scalar(self, statement: Executable, params: Any = None) -> Any:
        """Run a statement; return the first column of its first row, or `None`."""
        return self.execute(statement, params).scalar()

    def scalars(self, statement: Executable, params: Any = None) -> Rows:
        """Run a statement; return the first column of each row."""
        return self.execute(statement, params).scalars()

    def send_deferred(self) -> None:
        """Send what was deferred: whoever defers a change that decides tells so before it returns.

        :raises OwnerGone: :raises DBAPIError: as `execute`; and what a change raises that found no row.
        """
        self._send_deferred(is_last=False)

    def send_last(self) -> None:
        """Send what was deferred, with which the transaction ends: nothing is asked or undone after it.

        What one statement can say needs no transaction around it. :raises: as `send_deferred`.
        """
        self._send_deferred(is_last=True)

    def _send_deferred(self, *, is_last: bool) -> None:
        driver = self._driver
        if driver is None or not self._deferred:
            return
        changes = self._deferred
        if self._has_to_begin and not (is_last and self._need_no_transaction(changes)):
            self._begin(driver)
        self._forget_deferred()
        try:
            send_together(driver, changes)
        except IntegrityError as error:
            _raise_if_owner_is_gone(error)
            raise

    @contextmanager
    def begin_nested(self) -> Iterator[None]:
        """Undo what the block did, and nothing else, when it raises."""
        driver = self._driver or self._join()
        self.send_deferred()
        if self._has_to_begin:
            self._begin(driver)
        driver.run("SAVEPOINT nested")
        try:
            yield
            self.send_deferred()
        except BaseException:
            self._forget_deferred()
            if driver.is_open:
                driver.run("ROLLBACK TO SAVEPOINT nested")
                # It would hide the one around it, which has the same name.
                driver.run("RELEASE SAVEPOINT nested")
            raise
        driver.run("RELEASE SAVEPOINT nested")

    def in_transaction(self) -> bool:
        """Tell whether it has joined a transaction."""
        return self._driver is not None

    def close(self) -> None:
        """Undo what was not committed, and give the connection back."""
        driver, self._driver = self._driver, None
        self._forget_deferred()
        if driver is not None:
            driver.close()

    # What zope.sqlalchemy asks for

    def get_transaction(self) -> Self:
        """Return what `commit` is asked of."""
        return self

    def commit(self) -> None:
        """Make the transaction last: its manager asks for it, and closes the session then."""
        if self._driver is not None and not self._has_to_begin:
            self._driver.commit()

    def flush(self) -> None:
        self.send_last()

    # Steps

    def _join(self) -> Driver:
        self._manager.get()  # in a pause there is none, and nobody shall hold a connection
        self._driver = driver = Driver.connect(self._engine)
        try:
            self._has_to_begin = begin_late(driver)
            # "Changed" from the start: what zope.sqlalchemy is not told of would be rolled back.
            join_transaction(self, STATUS_CHANGED, self._manager)
        except BaseException:
            self.close()
            raise
        return driver

    def _need_no_transaction(self, changes: list[Change]) -> bool:
        # One that did not find its row has to undo the others.
        is_decisive = any(change.or_else is not None for change in changes)
        return makes_changes_alone(self._engine) and not is_decisive

    def _changes_again(self, prepared: Prepared) -> bool:
        if prepared.only_adds:
            return False
        return any(prepared is one.prepared for one in self._deferred)

    def _may_see_deferred(self, prepared: Prepared | None) -> bool:
        if prepared is None:
            return True
        return prepared.changed in self._touched or not prepared.tables.isdisjoint(self._changed)

    def _forget_deferred(self) -> None:
        if self._deferred:
            self._deferred, self._changed, self._touched = [], set(), set()

    def _begin(self, driver: Driver) -> None:
        begin_now(driver)
        self._has_to_begin = False


def _raise_if_owner_is_gone(error: IntegrityError) -> None:
    state = getattr(error.orig, "sqlstate", None)
    if state == FOREIGN_KEY_VIOLATION or str(error.orig).startswith("FOREIGN KEY"):
        raise OwnerGone from error
