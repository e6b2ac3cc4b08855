"""The unit of work: one transaction per request, with a pause where a password is hashed.

A request has one `Session`, joined to the transaction manager of pyramid_tm: what is returned
commits, what is raised rolls back. Slow work must not hold a transaction (on SQLite it would hold
every writer), so it runs in three steps: read and reserve, commit; work; write, commit.
"""

from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from typing import Any

from transaction import TransactionManager
from zope.interface import Interface, implementer

from warehouse_mfa.db.session import Session


class IUnitOfWork(Interface):
    """The transaction of the request, task or command that is running."""

    def paused() -> Any:
        """Commit, run the block with no transaction open, then begin another transaction.

        A context manager. What was committed stays when the block or the rest raises. From here on
        the request is not retried as a whole, because its first part would count twice.
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
