"""Rate limiters: one contract, kept in SQL on both databases, in memory and in Valkey."""

import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import Engine, text
from zope.interface.verify import verifyObject

from dev.services import Valkey
from tests.common.counting import MemoryStore, SQLStore, Store, ValkeyStore
from warehouse_mfa.http import Unavailable
from warehouse_mfa.rate_limiting.interfaces import IRateLimiter, TooManyAttempts

ALICE, BOB = "192.0.2.1", "192.0.2.2"
THREADS = 50


class Contract:
    """What every limiter does, wherever it counts."""

    def test_it_is_what_its_interface_says(self, store: Store) -> None:
        with store.limiter("1 per hour", "login.user") as limiter:
            assert verifyObject(IRateLimiter, limiter)
            assert limiter.name == "login.user"

    def test_attempts_are_taken_up_to_the_limit_and_then_refused(self, store: Store) -> None:
        for _ in range(5):
            store.reserve(ALICE, "5 per minute")

        for _ in range(3):
            with pytest.raises(TooManyAttempts):
                store.reserve(ALICE, "5 per minute")

    def test_a_refusal_says_which_limiter_and_when_to_come_back(self, store: Store) -> None:
        store.reserve(ALICE, "1 per minute")

        with pytest.raises(TooManyAttempts) as refused:
            store.reserve(ALICE, "1 per minute")

        assert refused.value.limiter == "login.user"
        assert timedelta(seconds=50) < refused.value.resets_in <= timedelta(seconds=61)

    def test_an_attempt_is_taken_again_when_the_refusal_said_so(self, store: Store) -> None:
        store.reserve(ALICE, "1 per minute")
        store.pass_time(30)
        with pytest.raises(TooManyAttempts) as refused:
            store.reserve(ALICE, "1 per minute")

        store.pass_time(round(refused.value.resets_in.total_seconds()))

        assert store.left(ALICE, "1 per minute") == 1

    def test_a_window_that_is_over_starts_again_whole(self, store: Store) -> None:
        assert store.left(ALICE, "3 per minute") == 3

        store.pass_time(61)

        assert store.left(ALICE, "3 per minute") == 3

    def test_refused_attempts_neither_count_nor_make_the_wait_longer(self, store: Store) -> None:
        store.left(ALICE, "3 per minute")
        for _ in range(4):
            store.pass_time(14)
            assert store.left(ALICE, "3 per minute") == 0

        store.pass_time(6)

        assert store.left(ALICE, "3 per minute") == 3

    def test_what_is_given_back_may_be_used_again(self, store: Store) -> None:
        reservations = [store.reserve(ALICE, "3 per minute") for _ in range(3)]

        store.give_back(reservations[0], "3 per minute")

        assert store.left(ALICE, "3 per minute") == 1

    def test_successes_never_use_the_limit_up(self, store: Store) -> None:
        for _ in range(20):
            store.give_back(store.reserve(ALICE, "2 per minute"), "2 per minute")

        assert store.left(ALICE, "2 per minute") == 2

    def test_giving_back_too_much_gives_no_more_than_the_limit(self, store: Store) -> None:
        reservation = store.reserve(ALICE, "3 per minute")

        for _ in range(5):
            store.give_back(reservation, "3 per minute")

        assert store.left(ALICE, "3 per minute") == 3

    def test_what_is_given_back_late_gives_the_next_window_nothing(self, store: Store) -> None:
        reservations = [store.reserve(ALICE, "3 per minute") for _ in range(3)]
        store.pass_time(61)

        for reservation in reservations:
            store.give_back(reservation, "3 per minute")

        assert store.left(ALICE, "3 per minute") == 3

    def test_every_window_has_to_have_room(self, store: Store) -> None:
        limits = "2 per 10 seconds; 5 per minute"

        found = []
        for _ in range(5):
            found.append(store.left(ALICE, limits))
            store.pass_time(11)

        assert found == [2, 2, 1, 0, 0]

    def test_an_attempt_that_one_window_refuses_counts_in_none(self, store: Store) -> None:
        limits = "2 per 10 seconds; 5 per minute"
        store.left(ALICE, limits)
        for _ in range(10):
            with pytest.raises(TooManyAttempts):
                store.reserve(ALICE, limits)

        store.pass_time(11)

        assert store.left(ALICE, limits) == 2

    def test_the_longest_full_window_says_when_to_come_back(self, store: Store) -> None:
        limits = "1 per 10 seconds; 2 per minute"
        store.left(ALICE, limits)
        store.pass_time(11)
        store.left(ALICE, limits)
        store.pass_time(11)

        with pytest.raises(TooManyAttempts) as refused:
            store.reserve(ALICE, limits)

        assert timedelta(seconds=25) < refused.value.resets_in <= timedelta(seconds=40)

    def test_giving_back_gives_back_in_every_window(self, store: Store) -> None:
        limits = "2 per 10 seconds; 3 per minute"

        for _ in range(10):
            store.give_back(store.reserve(ALICE, limits), limits)

        assert store.left(ALICE, limits) == 2
        store.pass_time(11)
        assert store.left(ALICE, limits) == 1

    def test_subjects_do_not_count_for_each_other(self, store: Store) -> None:
        store.left(ALICE, "2 per minute")

        assert store.left(BOB, "2 per minute") == 2

    def test_limiters_do_not_count_for_each_other(self, store: Store) -> None:
        store.left(ALICE, "2 per minute", "login.user")

        assert store.left(ALICE, "2 per minute", "code.user") == 2
        assert store.left(ALICE[1:], "2 per minute", f"login.user{ALICE[0]}") == 2

    def test_the_first_refusal_of_a_window_is_marked(self, store: Store) -> None:
        def refusals() -> list[bool]:
            found = []
            for _ in range(5):
                try:
                    store.reserve(ALICE, "2 per minute")
                except TooManyAttempts as refusal:
                    found.append(refusal.is_first)
            return found

        assert refusals() == [True, False, False]

        store.pass_time(61)

        assert refusals() == [True, False, False]

    def test_fifty_at_once_never_exceed_the_limit(self, store: Store) -> None:
        limits = "10 per minute; 30 per hour"
        barrier = Barrier(THREADS)

        def attempt(_: int) -> bool:
            barrier.wait(30)
            try:
                store.reserve(ALICE, limits)
            except TooManyAttempts:
                return False
            return True

        with ThreadPoolExecutor(THREADS) as pool:
            taken = list(pool.map(attempt, range(THREADS)))

        assert taken.count(True) <= 10
        assert taken.count(True) + store.left(ALICE, limits) == 10

    def test_fifty_that_succeed_at_once_leave_the_limit_whole(self, store: Store) -> None:
        limits = "60 per minute; 70 per hour; 80 per day"
        barrier = Barrier(THREADS)

        def succeed(_: int) -> None:
            barrier.wait(30)
            for _ in range(3):
                store.give_back(store.reserve(ALICE, limits), limits)

        with ThreadPoolExecutor(THREADS) as pool:
            list(pool.map(succeed, range(THREADS)))

        assert store.left(ALICE, limits) == 60


class TestSQL(Contract):
    @pytest.fixture
    def store(self, engine: Engine) -> SQLStore:
        return SQLStore(engine)

    def test_ten_are_taken_of_fifty_at_once(self, store: SQLStore) -> None:
        barrier = Barrier(THREADS)

        def attempt(_: int) -> bool:
            barrier.wait(30)
            try:
                store.reserve(ALICE, "10 per minute; 30 per hour")
            except TooManyAttempts:
                return False
            return True

        with ThreadPoolExecutor(THREADS) as pool:
            taken = list(pool.map(attempt, range(THREADS)))

        assert taken.count(True) == 10

    def test_windows_that_end_together_are_still_two(self, store: SQLStore) -> None:
        """A refused attempt is given back in the window that counted it, and in no other."""
        limits = "5 per 5 minutes; 6 per hour"
        store.reserve(ALICE, limits)
        store.pass_time(3300)
        for _ in range(5):
            store.reserve(ALICE, limits)

        found = [store.left(ALICE, limits) for _ in range(5)]

        assert found == [0] * 5

    def test_the_counters_do_not_say_whom_they_count(self, store: SQLStore) -> None:
        store.reserve("alice@example.org", "5 per minute")

        with store.engine.connect() as connection:
            ((key,),) = connection.execute(text("SELECT key FROM attempt_counters"))
        assert len(key) == 32
        assert b"alice" not in bytes(key)

    def test_a_limit_that_was_lowered_counts_at_once(self, store: SQLStore) -> None:
        for _ in range(5):
            store.reserve(ALICE, "10 per minute")

        assert store.left(ALICE, "5 per minute") == 0

    def test_a_clock_that_steps_back_revives_nothing(self, store: SQLStore) -> None:
        store.left(ALICE, "3 per minute")

        store.pass_time(-3600)

        assert store.left(ALICE, "3 per minute") == 0


class TestMemory(Contract):
    @pytest.fixture
    def store(self) -> MemoryStore:
        return MemoryStore()

    def test_counters_that_are_over_do_not_pile_up(self, store: MemoryStore) -> None:
        for number in range(10_002):
            store.storage.incr(f"address {number}", 60)
        store.pass_time(61)

        store.storage.incr("one more", 60)

        assert store.storage.reset() == 1

    def test_attempts_from_a_whole_network_cost_no_more_each_than_a_few(
        self, store: MemoryStore
    ) -> None:
        def seconds(begin: int) -> float:
            began = time.process_time()
            for number in range(begin, begin + 9_000):
                store.storage.incr(f"address {number}", 60)
            return time.process_time() - began

        few = seconds(0)
        many = seconds(9_000)

        # Looking at all of them each time would cost a thousand times as much.
        assert many < 20 * few

    def test_a_counter_that_is_unknown_or_cleared_stands_at_nought(
        self, store: MemoryStore
    ) -> None:
        store.storage.incr("address", 60)
        store.storage.clear("address")

        assert store.storage.get("address") == store.storage.get("unknown") == 0
        assert store.storage.check()


class TestValkey(Contract):
    @pytest.fixture
    def store(self, valkey: Valkey) -> Iterator[ValkeyStore]:
        store = ValkeyStore(valkey.url)
        yield store
        store.client.close()
        store.storage.storage.close()

    def test_every_counter_ends(self, store: ValkeyStore) -> None:
        limits = "2 per minute; 3 per hour"
        reservation = store.reserve(ALICE, limits)
        store.left(ALICE, limits)
        store.give_back(reservation, limits)

        lives = [store.client.pttl(key) for key in store.client.scan_iter()]
        assert len(lives) >= 2
        assert min(lives) > 0

    @pytest.mark.attack("P-108")
    def test_without_valkey_nothing_is_allowed(self, store: ValkeyStore, valkey: Valkey) -> None:
        reservation = store.reserve(ALICE, "5 per minute")
        valkey.interrupt()
        try:
            for _ in range(10):
                with pytest.raises(Unavailable):
                    store.reserve(ALICE, "5 per minute")
            with pytest.raises(Unavailable):
                store.give_back(reservation, "5 per minute")
        finally:
            valkey.resume()

        assert store.left(ALICE, "5 per minute") == 5

    @pytest.mark.attack("P-108")
    def test_a_valkey_that_hangs_is_not_waited_for(
        self, store: ValkeyStore, valkey: Valkey
    ) -> None:
        assert valkey._process is not None
        os.kill(valkey._process.pid, signal.SIGSTOP)
        began = time.monotonic()
        try:
            with pytest.raises(Unavailable):
                store.reserve(ALICE, "5 per minute")
        finally:
            os.kill(valkey._process.pid, signal.SIGCONT)

        assert time.monotonic() - began < 5


# By network


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("192.0.2.1", "192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
        ("192.0.2.1", "::ffff:192.0.2.1", True),
        ("2001:db8::1", "2001:db8::ffff:ffff:ffff:ffff", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("2001:db8::1", "2001:DB8:0::2", True),
        ("unknown", "unknown", True),
        ("unknown", "other", False),
    ],
)
def test_addresses_count_together_when_one_customer_has_them(
    one: str, other: str, is_same: bool
) -> None:
    store = MemoryStore()
    store.left(one, "2 per minute", "login.address")

    assert store.left(other, "2 per minute", "login.address") == (0 if is_same else 2)
