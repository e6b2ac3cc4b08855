"""The rows of failures that stop a factor, over all devices, sessions and days.

    works --as many failures in a row as are allowed--> stopped --another factor logs in--> works

A success of the factor itself, wherever it is asked for, ends its row. Another factor ends it by a
login only: at step-up and in a reset somebody has a session or a mailbox already, who may be the
one that guesses, and a proof there admits nobody anew.
"""

from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID

from warehouse_mfa.events.interfaces import IEventService
from warehouse_mfa.login.interfaces import FactorStopped, FactorWasStopped
from warehouse_mfa.rate_limiting.interfaces import IStreakLimiter, StreakTooLong


class Streaks:
    def __init__(self, events: IEventService, limiter: Callable[[str], IStreakLimiter]) -> None:
        """`limiter` finds a streak limiter by name."""
        self._events = events
        self._limiter = limiter

    def reserve(self, user_id: UUID, factor: Any) -> None:
        """Count an attempt before it is checked. :raises FactorStopped: when there is none left."""
        for limiter in self._limiters([factor]):
            try:
                limiter.reserve(str(user_id))
            except StreakTooLong as error:
                if error.is_first:
                    self._events.record(user_id, FactorWasStopped(factor.name))
                raise FactorStopped from error

    def give_back(self, user_id: UUID, factor: Any) -> None:
        """The attempt was none."""
        for limiter in self._limiters([factor]):
            limiter.give_back(str(user_id))

    def forget(self, user_id: UUID, factors: Iterable[Any]) -> None:
        """Let the factors begin again."""
        for limiter in self._limiters(factors):
            limiter.forget(str(user_id))

    def _limiters(self, factors: Iterable[Any]) -> list[IStreakLimiter]:
        return [self._limiter(factor.streak) for factor in factors if factor.streak is not None]
