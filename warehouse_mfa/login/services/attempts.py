"""Counting attempts before they are made: whose budget pays, and what goes on record."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any, Self
from uuid import UUID

from pyramid.request import Request

from warehouse_mfa.crypto import HasherOverloaded
from warehouse_mfa.db import IUnitOfWork
from warehouse_mfa.events.interfaces import Event, IEventService
from warehouse_mfa.factors.interfaces import (
    FactorNotSetUp,
    FactorRejected,
    IFactorService,
    Proof,
    Prover,
)
from warehouse_mfa.login.interfaces import FactorFailed, FactorLimited, FactorStopped
from warehouse_mfa.login.services.streaks import Streaks
from warehouse_mfa.rate_limiting.interfaces import (
    IRateLimiter,
    IStreakLimiter,
    Reservation,
    TooManyAttempts,
)
from warehouse_mfa.sessions.interfaces import Device


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

    @contextmanager
    def hashing(self, reserved: "Reserved") -> Iterator[None]:
        """Run the block, which hashes a password, with no transaction open.

        Whoever is sent away because too many hash made no attempt: a crowd would use up the budgets
        of those who typed what is right.
        """
        try:
            with self._work.paused():
                yield
        except HasherOverloaded:
            reserved.give_back()
            # The refusal is raised, which would undo it.
            self._work.commit()
            raise


class FactorChecks:
    """Checks a second factor within its budgets: at login, at step-up and in a reset."""

    def __init__(
        self,
        attempts: Attempts,
        events: IEventService,
        limiter: Callable[[str], IRateLimiter],
        streaks: Streaks,
        factors: IFactorService,
    ) -> None:
        """`limiter` finds a rate limiter by name."""
        self._attempts = attempts
        self._events = events
        self._limiter = limiter
        self._streaks = streaks
        self._factors = factors

    @classmethod
    def create(cls, request: Request) -> Self:
        events = request.find_service(IEventService)
        return cls(
            Attempts(request.find_service(IUnitOfWork), events),
            events,
            lambda name: request.find_service(IRateLimiter, name=name),
            Streaks(events, lambda name: request.find_service(IStreakLimiter, name=name)),
            request.find_service(IFactorService),
        )

    def check(self, prover: Prover, factor: Any, answer: str, budgets: Iterable[Budget]) -> Proof:
        """Check an answer and use it up; a wrong one is paid for by `budgets`.

        :raises FactorRejected: recorded; it counts when the transaction commits.
        :raises FactorStopped: likewise, before anything was checked.
        :raises TooManyAttempts: before anything was checked.
        """
        return self.prove(prover, factor, answer, self.reserve(budgets))

    def reserve(self, budgets: Iterable[Budget]) -> "Reserved":
        """Count an attempt that is made by `prove`. :raises TooManyAttempts: if there is none."""
        return self._attempts.reserve(budgets, FactorLimited)

    def hashing(self, reserved: "Reserved") -> AbstractContextManager[None]:
        """Run a block that hashes, as `Attempts` does."""
        return self._attempts.hashing(reserved)

    def prove(self, prover: Prover, factor: Any, answer: str, reserved: "Reserved") -> Proof:
        """Check an answer that was counted, as `check` does."""
        if self._factors.is_outdone(prover.user_id, factor.name):
            # Nothing is looked at: whoever has a code only, from a false site, learns nothing of it.
            reserved.give_back()
            raise FactorNotSetUp
        try:
            self._streaks.reserve(prover.user_id, factor)
        except FactorStopped:
            # It must not use up what recovery codes may still need.
            reserved.give_back()
            raise
        try:
            proof: Proof = factor.complete(prover, answer)
        except FactorRejected as rejected:
            if isinstance(rejected, FactorNotSetUp):
                # Nothing was guessed, and the first app that is enrolled must not be stopped.
                self._streaks.give_back(prover.user_id, factor)
            if not rejected.is_recorded:
                self._events.record(prover.user_id, FactorFailed(factor.name, rejected.reason))
            raise
        reserved.give_back()
        self._streaks.forget(prover.user_id, [factor])
        return proof

    def logged_in(self, user_id: UUID, factor: Any, others: Iterable[Any]) -> None:
        """Let the other factors of the account begin again: `factor` has logged in."""
        self._streaks.forget(user_id, [other for other in others if other.name != factor.name])

    def budgets(
        self, user_id: UUID, factor: Any, device: Device | None, client: str
    ) -> list[Budget]:
        """Return who pays for a wrong answer; `client` is the network address."""
        if device is not None and device.user_id == user_id:
            return [Budget(self._limiter(f"{factor.budget}.device"), str(device.id), user_id)]
        return [
            Budget(self._limiter(f"{factor.budget}.user"), str(user_id), user_id),
            Budget(self._limiter("factor.address"), client),
        ]


@dataclass(frozen=True, slots=True)
class Reserved:
    """An attempt that was counted."""

    parts: list[tuple[IRateLimiter, Reservation]]

    def give_back(self) -> None:
        """The attempt was a success: it does not count."""
        for limiter, reservation in self.parts:
            limiter.give_back(reservation)


def password_budgets(
    limiter: Callable[[str], IRateLimiter],
    name_key: str,
    user_id: UUID | None,
    device: Device | None,
    client: str,
) -> list[Budget]:
    """Return who pays for a wrong password; `user_id` is `None` for a name that nobody has.

    `name_key` is what all spellings of the typed name have in common.
    """
    if user_id is not None and device is not None and device.user_id == user_id:
        # Strangers who fail elsewhere must not lock a person out of a known browser.
        return [Budget(limiter("login.device"), str(device.id), user_id)]
    return [
        # Not by account: its other name would be refused, too, and tell that both are one's.
        Budget(limiter("login.user"), name_key, user_id),
        Budget(limiter("login.address"), client),
    ]
