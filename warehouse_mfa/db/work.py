"""The unit of work: one transaction per request, with a pause where a password is hashed.

A request has one `Session`, joined to the transaction manager of pyramid_tm: what is returned
commits, what is raised rolls back. Slow work must not hold a transaction (on SQLite it would hold
every writer), so it runs in three steps: read and reserve, commit; work; write, commit.
"""

from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, Executable, event
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from transaction import TransactionManager
from zope.interface import Interface, implementer
from zope.sqlalchemy.datamanager import STATUS_CHANGED, join_transaction

from warehouse_mfa.db.prepared import Statements

FOREIGN_KEY_VIOLATION = "23503"  # SQLSTATE; SQLite has a sentence only


class OwnerGone(Exception):
    """A row was written for an account, or for what is its own, that was deleted meanwhile."""


class IUnitOfWork(Interface):
    """The transaction of the request, task or command that is running."""

    def paused() -> Any:
        """Commit, run the block with no transaction open, then begin another transaction.

        A context manager. Rows that were loaded are detached: only plain values cross it. What
        was committed stays when the block or the rest raises. From here on the request is not
        retried as a whole, because its first part would count twice.
        """

    def commit() -> None:
        """Make what was done so far last, whatever becomes of the rest; begin another transaction."""


@implementer(IUnitOfWork)
class UnitOfWork:
    def __init__(
        self, session: Session, manager: TransactionManager, environ: MutableMapping[str, Any]
    ) -> None:
        self._session = session
        self._manager = manager
        self._environ = environ

    @contextmanager
    def paused(self) -> Iterator[None]:
        self._manager.commit()
        # pyramid_retry asks whether this is the last attempt: it is now.
        self._environ["retry.attempts"] = self._environ.get("retry.attempt", 0) + 1
        try:
            yield
        finally:
            # Whoever asked the database meanwhile was refused, but may hold a connection.
            self._session.close()
            self._manager.begin()

    def commit(self) -> None:
        with self.paused():
            pass


class ManagedSession(Session):
    """A session that joins the transaction manager of its request when it begins."""

    def __init__(self, engine: Engine, manager: TransactionManager) -> None:
        super().__init__(engine, expire_on_commit=False)
        self.manager = manager
        self._at_work: Connection | None = None
        self._statements = Statements.of(engine.dialect)

    def execute(self, statement: Executable, params: Any = None, **options: Any) -> Any:
        """Run a statement; return its `Rows`. No entity is ever loaded: the ORM has nothing to add."""
        connection = self._at_work
        # The session takes seven calls to find the connection of its transaction again. Within a nested
        # one it must be asked: that sets the savepoint to go back to.
        if connection is None or not connection.in_transaction() or self.in_nested_transaction():
            connection = self._at_work = self.connection()
        try:
            return self._statements.execute(connection, statement, params)
        except IntegrityError as error:
            if _is_of_foreign_key(error):
                raise OwnerGone from error
            raise

    def scalar(self, statement: Executable, params: Any = None, **options: Any) -> Any:
        return self.execute(statement, params).scalar()

    def scalars(self, statement: Executable, params: Any = None, **options: Any) -> Any:
        return self.execute(statement, params).scalars()


def _is_of_foreign_key(error: IntegrityError) -> bool:
    state = getattr(error.orig, "sqlstate", None)
    return state == FOREIGN_KEY_VIOLATION or str(error.orig).startswith("FOREIGN KEY")


@event.listens_for(ManagedSession, "after_begin")
def _join(session: ManagedSession, transaction: object, connection: object) -> None:
    # "Changed" from the start: statements that bypass the ORM would otherwise be rolled back.
    # `zope.sqlalchemy.register` would add eight listeners to each session, for every request.
    join_transaction(session, STATUS_CHANGED, session.manager)


def open_session(engine: Engine, manager: TransactionManager) -> Session:
    """Return a session joined to `manager`. It connects at its first statement."""
    return ManagedSession(engine, manager)
