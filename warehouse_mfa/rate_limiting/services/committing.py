"""Attempts that are counted where no transaction reaches: in memory, in Valkey."""

from transaction import TransactionManager
from zope.interface import implementer

from warehouse_mfa.rate_limiting.interfaces import IRateLimiter, Reservation


@implementer(IRateLimiter)
class CommittingRateLimiter:
    """A limiter that takes back what it counted in a transaction that fails to commit.

    What such an attempt was about was never decided: while the database is away, right passwords would
    use up the attempts of everybody behind one address.
    """

    def __init__(self, limiter: IRateLimiter, manager: TransactionManager) -> None:
        self.name = limiter.name
        self._limiter = limiter
        self._manager = manager
        self._open: list[Reservation] = []

    def reserve(self, subject: str) -> Reservation:
        reservation: Reservation = self._limiter.reserve(subject)
        self._open.append(reservation)
        self._manager.get().addAfterCommitHook(self._settle, (reservation,))
        return reservation

    def give_back(self, reservation: Reservation) -> None:
        if reservation in self._open:
            self._open.remove(reservation)
        self._limiter.give_back(reservation)

    def _settle(self, is_committed: bool, reservation: Reservation) -> None:
        if reservation not in self._open:
            return
        self._open.remove(reservation)
        if not is_committed:
            self._limiter.give_back(reservation)
