"""Attempts counted where no transaction reaches: what becomes of them when it fails."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from zope.interface.verify import verifyObject

from tests.common.counting import DelayingMemoryStore, MemoryStore
from warehouse_mfa.db.manager import LateManager
from warehouse_mfa.rate_limiting.interfaces import IRateLimiter, TooManyAttempts
from warehouse_mfa.rate_limiting.services.committing import CommittingRateLimiter

ALICE = "192.0.2.1"
LIMIT = "3 per minute"


class DatabaseGone(Exception):
    """The transaction does not last."""


@pytest.fixture(params=[MemoryStore, DelayingMemoryStore])
def store(request: pytest.FixtureRequest) -> MemoryStore:
    made: MemoryStore = request.param()
    return made


@contextmanager
def limiter_of(store: MemoryStore, manager: LateManager) -> Iterator[CommittingRateLimiter]:
    with store.limiter(LIMIT, "login.user") as limiter:
        yield CommittingRateLimiter(limiter, manager)


class Failing:
    """Something that joins a transaction and cannot commit."""

    def sortKey(self) -> str:
        return ""

    def tpc_begin(self, transaction: object) -> None:
        raise DatabaseGone

    def abort(self, transaction: object) -> None:
        pass

    tpc_abort = abort


def commit_and_fail(manager: LateManager) -> None:
    manager.get().join(Failing())
    with pytest.raises(DatabaseGone):
        manager.commit()
    manager.abort()
    manager.begin()


def reserve_and_commit(limiter: CommittingRateLimiter, manager: LateManager) -> None:
    limiter.reserve(ALICE)
    manager.commit()
    manager.begin()


@pytest.fixture
def manager() -> LateManager:
    return LateManager().begin()


def test_it_is_what_its_interface_says(store: MemoryStore, manager: LateManager) -> None:
    with limiter_of(store, manager) as limiter:
        assert verifyObject(IRateLimiter, limiter)
        assert limiter.name == "login.user"


def test_what_was_committed_counts(store: MemoryStore, manager: LateManager) -> None:
    with limiter_of(store, manager) as limiter:
        for _ in range(3):
            reserve_and_commit(limiter, manager)

        with pytest.raises(TooManyAttempts):
            limiter.reserve(ALICE)


def test_what_could_not_be_committed_does_not_count(
    store: MemoryStore, manager: LateManager
) -> None:
    with limiter_of(store, manager) as limiter:
        for _ in range(5):
            limiter.reserve(ALICE)
            commit_and_fail(manager)

    assert store.left(ALICE, LIMIT) == 3


def test_what_was_given_back_is_not_given_back_again(
    store: MemoryStore, manager: LateManager
) -> None:
    with limiter_of(store, manager) as limiter:
        reserve_and_commit(limiter, manager)
        limiter.give_back(limiter.reserve(ALICE))
        commit_and_fail(manager)

    assert store.left(ALICE, LIMIT) == 2


def test_a_later_failure_changes_nothing_of_what_was_committed(
    store: MemoryStore, manager: LateManager
) -> None:
    with limiter_of(store, manager) as limiter:
        reserve_and_commit(limiter, manager)
        commit_and_fail(manager)

    assert store.left(ALICE, LIMIT) == 2
