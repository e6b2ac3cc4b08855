"""Failures in a row, counted in SQL without an end."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier

import pytest
from sqlalchemy import Engine, text
from zope.interface.verify import verifyObject

from tests.common.transactions import lasting_transaction
from warehouse_mfa.rate_limiting.interfaces import IStreakLimiter, StreakTooLong
from warehouse_mfa.rate_limiting.services.streak import StreakLimiter

ALICE, BOB = "alice", "bob"
ALLOWED = 5
THREADS = 50


class Streaks:
    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    @contextmanager
    def limiter(self, name: str = "totp.streak", allowed: int = ALLOWED) -> Iterator[StreakLimiter]:
        """Yield a limiter for one transaction, which commits whatever comes of it."""
        with lasting_transaction(self.engine) as session:
            yield StreakLimiter(name, allowed, session)

    def left(self, subject: str, name: str = "totp.streak", allowed: int = ALLOWED) -> int:
        for number in range(1000):
            with self.limiter(name, allowed) as limiter:
                try:
                    limiter.reserve(subject)
                except StreakTooLong:
                    return number
        raise AssertionError("there is no limit")


@pytest.fixture
def streaks(engine: Engine) -> Streaks:
    return Streaks(engine)


def test_it_is_what_its_interface_says(streaks: Streaks) -> None:
    with streaks.limiter() as limiter:
        assert verifyObject(IStreakLimiter, limiter)


def test_so_many_are_taken_and_no_more(streaks: Streaks) -> None:
    assert [streaks.left(ALICE), streaks.left(ALICE)] == [ALLOWED, 0]


def test_what_is_given_back_may_be_used_again(streaks: Streaks) -> None:
    streaks.left(ALICE)

    with streaks.limiter() as limiter:
        limiter.give_back(ALICE)

    assert streaks.left(ALICE) == 1


def test_giving_back_too_much_gives_no_more_than_the_limit(streaks: Streaks) -> None:
    with streaks.limiter() as limiter:
        limiter.reserve(ALICE)
        for _ in range(3):
            limiter.give_back(ALICE)

    assert streaks.left(ALICE) == ALLOWED


def test_a_row_that_is_forgotten_begins_again_and_leaves_nothing(streaks: Streaks) -> None:
    streaks.left(ALICE)

    with streaks.limiter() as limiter:
        limiter.forget(ALICE)

    with streaks.engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM attempt_counters")) == 0
    assert streaks.left(ALICE) == ALLOWED


def test_subjects_and_limiters_do_not_count_for_each_other(streaks: Streaks) -> None:
    streaks.left(ALICE)

    assert streaks.left(BOB) == ALLOWED
    assert streaks.left(ALICE, "other.streak") == ALLOWED


@pytest.mark.parametrize(("allowed", "left"), [(3, 0), (8, 3)])
def test_a_changed_limit_counts_at_once(streaks: Streaks, allowed: int, left: int) -> None:
    streaks.left(ALICE)

    assert streaks.left(ALICE, allowed=allowed) == left


def test_the_first_refusal_is_marked(streaks: Streaks) -> None:
    streaks.left(ALICE, allowed=ALLOWED)
    found = []
    with streaks.limiter() as limiter:
        limiter.forget(ALICE)
        for _ in range(ALLOWED):
            limiter.reserve(ALICE)
        for _ in range(3):
            with pytest.raises(StreakTooLong) as refused:
                limiter.reserve(ALICE)
            found.append(refused.value.is_first)

    assert found == [True, False, False]


@pytest.mark.attack("P-035")
def test_of_fifty_at_once_as_many_are_taken_as_are_allowed(streaks: Streaks) -> None:
    barrier = Barrier(THREADS)

    def attempt(_: int) -> bool:
        barrier.wait(30)
        with streaks.limiter() as limiter:
            try:
                limiter.reserve(ALICE)
            except StreakTooLong:
                return False
            return True

    with ThreadPoolExecutor(THREADS) as pool:
        taken = list(pool.map(attempt, range(THREADS)))

    assert taken.count(True) == ALLOWED
