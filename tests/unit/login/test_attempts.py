"""Reserving an attempt in several budgets: all or none, and one event for the first refusal."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from uuid import UUID

import pytest
from zope.interface import implementer
from zope.interface.verify import verifyObject

from warehouse_mfa.db import IUnitOfWork
from warehouse_mfa.events.interfaces import Event, IEventService
from warehouse_mfa.login.interfaces import PasswordLimited
from warehouse_mfa.login.services.attempts import Attempts, Budget
from warehouse_mfa.rate_limiting.interfaces import IRateLimiter, Reservation, TooManyAttempts

ALICE = UUID(int=1)


@implementer(IRateLimiter)
class CountingLimiter:
    """Lets so many attempts through."""

    def __init__(self, name: str, allowed: int) -> None:
        self.name = name
        self.allowed = allowed
        self.count = 0
        self.refused = 0

    def reserve(self, subject: str) -> Reservation:
        if self.count == self.allowed:
            self.refused += 1
            raise TooManyAttempts(self.name, timedelta(minutes=5), is_first=self.refused == 1)
        self.count += 1
        return Reservation(subject.encode(), ())

    def give_back(self, reservation: Reservation) -> None:
        self.count -= 1


@implementer(IEventService)
class RecordingEvents:
    def __init__(self) -> None:
        self.recorded: list[tuple[UUID | None, Event]] = []

    def record(
        self,
        subject_id: UUID | None,
        event: Event,
        *,
        actor_id: UUID | None = None,
        session_id: UUID | None = None,
        factor: str | None = None,
    ) -> None:
        self.recorded.append((subject_id, event))


@implementer(IUnitOfWork)
class CountingWork:
    def __init__(self) -> None:
        self.commits = 0

    @contextmanager
    def paused(self) -> Iterator[None]:
        yield

    def commit(self) -> None:
        self.commits += 1


@pytest.fixture
def events() -> RecordingEvents:
    return RecordingEvents()


@pytest.fixture
def work() -> CountingWork:
    return CountingWork()


@pytest.fixture
def attempts(work: CountingWork, events: RecordingEvents) -> Attempts:
    return Attempts(work, events)


def budgets(user: CountingLimiter, address: CountingLimiter) -> list[Budget]:
    return [Budget(user, str(ALICE), ALICE), Budget(address, "192.0.2.1")]


def test_the_doubles_are_what_they_stand_for(events: RecordingEvents, work: CountingWork) -> None:
    assert verifyObject(IRateLimiter, CountingLimiter("login.user", 1))
    assert verifyObject(IEventService, events)
    assert verifyObject(IUnitOfWork, work)


def test_an_attempt_counts_in_every_budget(attempts: Attempts, events: RecordingEvents) -> None:
    user, address = CountingLimiter("login.user", 5), CountingLimiter("login.address", 5)

    attempts.reserve(budgets(user, address), PasswordLimited)

    assert (user.count, address.count) == (1, 1)
    assert events.recorded == []


def test_a_success_is_given_back_to_every_budget(attempts: Attempts) -> None:
    user, address = CountingLimiter("login.user", 5), CountingLimiter("login.address", 5)

    attempts.reserve(budgets(user, address), PasswordLimited).give_back()

    assert (user.count, address.count) == (0, 0)


def test_an_attempt_that_one_budget_refuses_counts_in_none(
    attempts: Attempts, work: CountingWork
) -> None:
    user, address = CountingLimiter("login.user", 5), CountingLimiter("login.address", 0)

    with pytest.raises(TooManyAttempts):
        attempts.reserve(budgets(user, address), PasswordLimited)

    assert (user.count, address.count) == (0, 0)
    assert work.commits == 1


def test_the_first_refusal_is_recorded_on_the_trail_of_the_account(
    attempts: Attempts, events: RecordingEvents
) -> None:
    user, address = CountingLimiter("login.user", 0), CountingLimiter("login.address", 5)

    for _ in range(3):
        with pytest.raises(TooManyAttempts):
            attempts.reserve(budgets(user, address), PasswordLimited)

    assert events.recorded == [(ALICE, PasswordLimited("login.user"))]


def test_the_refusal_of_a_network_address_is_on_nobodys_trail(
    attempts: Attempts, events: RecordingEvents
) -> None:
    user, address = CountingLimiter("login.user", 5), CountingLimiter("login.address", 0)

    with pytest.raises(TooManyAttempts):
        attempts.reserve(budgets(user, address), PasswordLimited)

    assert events.recorded == [(None, PasswordLimited("login.address"))]
