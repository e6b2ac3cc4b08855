"""Transactions that begin when somebody joins them: a page that asks no database has none."""

from pyramid.request import Request
from transaction import Transaction, TransactionManager
from transaction.interfaces import AlreadyInTransaction, NoTransaction


class LateManager(TransactionManager):
    """An explicit manager whose `begin` only lets a transaction begin: with who asks for it first.

    What pyramid_tm does around every answer costs next to nothing then, where nobody asks.
    """

    def __init__(self) -> None:
        super().__init__(explicit=True)
        self._is_awaited = False

    def begin(self) -> "LateManager":
        """Let a transaction begin. :raises AlreadyInTransaction: when there is one."""
        try:
            super().get()
        except NoTransaction:
            if not self._is_awaited:
                self._is_awaited = True
                return self
        raise AlreadyInTransaction

    def note(self, text: str) -> None:
        """Take the path that pyramid_tm notes of a transaction: nobody reads it."""

    def get(self) -> Transaction:
        """Return the transaction; it begins now, unless it has. :raises NoTransaction: without."""
        if self._is_awaited:
            self._is_awaited = False
            return super().begin()
        return super().get()

    def isDoomed(self) -> bool:  # noqa: N802 - as in ITransactionManager
        return not self._is_awaited and bool(super().isDoomed())

    def commit(self) -> None:
        if self._is_awaited:
            self._is_awaited = False
        else:
            super().commit()

    def abort(self) -> None:
        if self._is_awaited:
            self._is_awaited = False
        else:
            super().abort()


def manager_of(request: Request) -> LateManager:
    """Return the manager of a request, task or command; pyramid_tm keeps it as `request.tm`."""
    return LateManager()
