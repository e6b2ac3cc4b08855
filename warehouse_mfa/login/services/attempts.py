"""Counting attempts before they are made: whose budget pays, and what goes on record."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from uuid import UUID

from warehouse_mfa.db import IUnitOfWork
from warehouse_mfa.events.interfaces import Event, IEventService
from warehouse_mfa.rate_limiting.interfaces import IRateLimiter, Reservation, TooManyAttempts


@dataclass(frozen=True, slots=True)
class Budget:
    """A limiter and whom it counts."""

    limiter: IRateLimiter
    subject: str
    user_id: UUID | None = None
    """The account whose trail a refusal belongs to; none for a network address."""


class Attempts:
    """Reserves an attempt in several budgets at once, and gives it back when it was a success."""

    def __init__(self, work: IUnitOfWork, events: IEventService) -> None:
        self._work = work
        self._events = events

    def reserve(self, budgets: Iterable[Budget], limited: Callable[[str], Event]) -> "Reserved":
        """Reserve in all budgets or in none.

        The first refusal of a window is recorded as the event that `limited` makes.

        :raises TooManyAttempts: when one of them is used up.
        """
        reserved = Reserved([])
        for budget in budgets:
            try:
                reserved.parts.append((budget.limiter, budget.limiter.reserve(budget.subject)))
            except TooManyAttempts as refusal:
                reserved.give_back()
                if refusal.is_first:
                    self._events.record(budget.user_id, limited(refusal.limiter))
                # The refusal is raised, which would undo the record of it.
                self._work.commit()
                raise
        return reserved


@dataclass(frozen=True, slots=True)
class Reserved:
    """An attempt that was counted."""

    parts: list[tuple[IRateLimiter, Reservation]]

    def give_back(self) -> None:
        """The attempt was a success: it does not count."""
        for limiter, reservation in self.parts:
            limiter.give_back(reservation)
