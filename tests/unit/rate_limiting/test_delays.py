"""Growing delays after a full window: one contract, in SQL on both databases, memory and Valkey."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text
from zope.interface.verify import verifyObject

from dev.services import Valkey
from tests.common.clock import FrozenClock
from tests.common.counting import (
    DelayingMemoryStore,
    DelayingSQLStore,
    DelayingValkeyStore,
    Store,
)
from tests.common.databases import Databases
from warehouse_mfa.db import create_engine
from warehouse_mfa.http import Unavailable
from warehouse_mfa.rate_limiting.interfaces import IRateLimiter, TooManyAttempts
from warehouse_mfa.rate_limiting.stores import MemoryStorage

ALICE, BOB = "192.0.2.1", "192.0.2.2"
LIMIT = "10 per 5 minutes"
ALLOWED = 10
THREADS = 50
MINUTE, HOUR, DAY = 60, 3600, 86400


def wait(store: Store, limits: str = LIMIT) -> int:
    """Try once too often, and return the seconds to wait."""
    with pytest.raises(TooManyAttempts) as refused:
        store.reserve(ALICE, limits)
    return round(refused.value.resets_in.total_seconds())


def is_taken(store: Store, limits: str = LIMIT) -> bool:
    try:
        store.reserve(ALICE, limits)
    except TooManyAttempts:
        return False
    return True


def fill(store: Store) -> None:
    for _ in range(ALLOWED):
        store.reserve(ALICE, LIMIT)


def reach(store: Store, delay: int) -> None:
    """Fail until the delay is that of so many minutes."""
    fill(store)
    for minutes in (1, 2, 4, 8, 15):
        if minutes == delay:
            return
        store.pass_time(minutes * MINUTE)
        store.reserve(ALICE, LIMIT)


def at_once(store: Store) -> int:
    """Try fifty times at once; return how many were taken."""
    barrier = Barrier(THREADS)

    def attempt(_: int) -> bool:
        barrier.wait(30)
        return is_taken(store)

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(attempt, range(THREADS))).count(True)


class Contract:
    """What a limiter with delays does, wherever it counts."""

    def test_it_is_what_its_interface_says(self, store: Store) -> None:
        with store.limiter(LIMIT, "login.user") as limiter:
            assert verifyObject(IRateLimiter, limiter)

    def test_as_many_are_taken_as_the_window_allows(self, store: Store) -> None:
        assert store.left(ALICE, LIMIT) == ALLOWED

    def test_the_delays_grow_from_attempt_to_attempt_and_then_stay(self, store: Store) -> None:
        fill(store)

        found = []
        for _ in range(7):
            found.append(wait(store))
            store.pass_time(found[-1])
            store.reserve(ALICE, LIMIT)

        minutes = [1, 2, 4, 8, 15, 15, 15]
        assert all(abs(seconds - 60 * m) <= 1 for seconds, m in zip(found, minutes, strict=True))

    def test_one_attempt_is_taken_when_a_delay_is_over_and_not_before(self, store: Store) -> None:
        fill(store)

        store.pass_time(MINUTE - 2)
        early = is_taken(store)
        store.pass_time(3)

        assert (early, store.left(ALICE, LIMIT)) == (False, 1)

    @pytest.mark.attack("P-003")
    def test_nobody_escapes_the_delays_by_never_trying_once_too_often(self, store: Store) -> None:
        fill(store)

        store.pass_time(6 * MINUTE)

        assert store.left(ALICE, LIMIT) == 1

    def test_refused_attempts_do_not_make_the_delay_longer(self, store: Store) -> None:
        fill(store)
        for _ in range(5):
            store.pass_time(10)
            assert not is_taken(store)

        store.pass_time(11)

        assert store.left(ALICE, LIMIT) == 1

    @pytest.mark.parametrize("delay", [1, 2, 15])
    def test_a_success_during_the_delays_costs_nothing(self, store: Store, delay: int) -> None:
        reach(store, delay)
        store.pass_time(delay * MINUTE)

        for _ in range(5):
            store.give_back(store.reserve(ALICE, LIMIT), LIMIT)

        assert store.left(ALICE, LIMIT) == 1

    def test_a_success_during_the_delays_does_not_make_them_shorter(self, store: Store) -> None:
        reach(store, 4)
        store.pass_time(4 * MINUTE)
        store.give_back(store.reserve(ALICE, LIMIT), LIMIT)

        store.reserve(ALICE, LIMIT)

        assert abs(wait(store) - 8 * MINUTE) <= 1

    def test_the_attempt_that_fills_the_window_costs_nothing_either(self, store: Store) -> None:
        for _ in range(ALLOWED - 1):
            store.reserve(ALICE, LIMIT)

        for _ in range(20):
            store.give_back(store.reserve(ALICE, LIMIT), LIMIT)

        assert store.left(ALICE, LIMIT) == 1
        assert abs(wait(store) - MINUTE) <= 1

    def test_a_window_filled_by_successes_in_flight_is_none(self, store: Store) -> None:
        successes = [store.reserve(ALICE, LIMIT) for _ in range(ALLOWED - 1)]
        store.reserve(ALICE, LIMIT)

        for reservation in successes:
            store.give_back(reservation, LIMIT)

        assert store.left(ALICE, LIMIT) == ALLOWED - 1

    def test_a_success_of_before_the_delays_does_not_end_them(self, store: Store) -> None:
        early = store.reserve(ALICE, LIMIT)
        fill_up = [store.reserve(ALICE, LIMIT) for _ in range(ALLOWED - 1)]
        store.pass_time(MINUTE)
        store.reserve(ALICE, LIMIT)

        store.give_back(early, LIMIT)

        assert len(fill_up) == ALLOWED - 1
        assert not is_taken(store)

    def test_a_window_that_is_not_full_starts_again_whole(self, store: Store) -> None:
        for _ in range(ALLOWED - 1):
            store.reserve(ALICE, LIMIT)

        store.pass_time(5 * MINUTE + 1)

        assert store.left(ALICE, LIMIT) == ALLOWED

    def test_successes_never_use_the_limit_up(self, store: Store) -> None:
        for _ in range(3 * ALLOWED):
            store.give_back(store.reserve(ALICE, LIMIT), LIMIT)

        assert store.left(ALICE, LIMIT) == ALLOWED

    def test_the_delays_are_remembered_for_a_day(self, store: Store) -> None:
        reach(store, 15)

        store.pass_time(23 * HOUR)

        assert store.left(ALICE, LIMIT) == 1

    def test_after_a_day_they_are_forgotten(self, store: Store) -> None:
        reach(store, 15)

        store.pass_time(DAY + 6 * MINUTE)

        assert store.left(ALICE, LIMIT) == ALLOWED

    def test_successes_do_not_keep_the_delays_alive(self, store: Store) -> None:
        reach(store, 4)
        for _ in range(25):
            store.pass_time(HOUR)
            store.give_back(store.reserve(ALICE, LIMIT), LIMIT)

        assert store.left(ALICE, LIMIT) == ALLOWED

    def test_each_window_has_delays_of_its_own(self, store: Store) -> None:
        limits = "2 per 10 seconds; 5 per hour"
        found = [store.left(ALICE, limits)]
        for _ in range(3):
            store.pass_time(15 * MINUTE)
            found.append(store.left(ALICE, limits))

        assert found == [2, 1, 1, 1]
        assert abs(wait(store, limits) - 8 * MINUTE) <= 1

    def test_windows_that_are_never_full_are_bounded_by_a_longer_one(self, store: Store) -> None:
        limits = "3 per 10 seconds; 5 per hour"
        taken = 0
        for _ in range(4):
            taken += [is_taken(store, limits) for _ in range(2)].count(True)
            store.pass_time(11)

        assert taken == 5

    def test_an_attempt_that_one_window_refuses_counts_in_none(self, store: Store) -> None:
        limits = "2 per 10 seconds; 20 per hour"
        store.left(ALICE, limits)
        for _ in range(30):
            assert not is_taken(store, limits)

        store.pass_time(MINUTE)

        assert is_taken(store, limits)

    def test_a_limit_of_one_attempt_holds_the_next_one_up(self, store: Store) -> None:
        store.reserve(ALICE, "1 per hour")

        assert abs(wait(store, "1 per hour") - MINUTE) <= 1

    def test_subjects_do_not_count_for_each_other(self, store: Store) -> None:
        fill(store)

        assert store.left(BOB, LIMIT) == ALLOWED

    def test_only_the_first_refusal_of_all_delays_is_marked(self, store: Store) -> None:
        fill(store)
        found = []
        for minutes in (1, 2, 4):
            for _ in range(3):
                with pytest.raises(TooManyAttempts) as refused:
                    store.reserve(ALICE, LIMIT)
                found.append(refused.value.is_first)
            store.pass_time(minutes * MINUTE)
            store.reserve(ALICE, LIMIT)

        assert found == [True] + [False] * 8

    @pytest.mark.attack("P-003")
    def test_fifty_at_once_are_as_many_as_the_window_allows(self, store: Store) -> None:
        assert at_once(store) == ALLOWED

    @pytest.mark.attack("P-003")
    def test_of_fifty_at_the_moment_a_delay_is_over_one_is_taken(self, store: Store) -> None:
        fill(store)
        found = []
        for minutes in (1, 2, 4):
            store.pass_time(minutes * MINUTE)
            found.append(at_once(store))

        assert found == [1, 1, 1]

    def test_fifty_that_succeed_at_once_leave_what_was_there(self, store: Store) -> None:
        reach(store, 4)
        store.pass_time(4 * MINUTE)
        barrier = Barrier(THREADS)

        def succeed(_: int) -> None:
            barrier.wait(30)
            try:
                reservation = store.reserve(ALICE, LIMIT)
            except TooManyAttempts:
                return
            store.give_back(reservation, LIMIT)

        with ThreadPoolExecutor(THREADS) as pool:
            list(pool.map(succeed, range(THREADS)))

        # A level too high for a moment may have made the delay of one of them longer.
        store.pass_time(15 * MINUTE)
        assert store.left(ALICE, LIMIT) == 1


class LateContract(Contract):
    """What only a store whose clock can be moved alone can show."""

    def test_a_success_later_than_its_delay_ends_no_other_one(self, store: Store) -> None:
        fill(store)
        store.pass_time(MINUTE)
        slow = store.reserve(ALICE, LIMIT)
        store.pass_time(2 * MINUTE)
        store.reserve(ALICE, LIMIT)

        store.give_back(slow, LIMIT)

        assert not is_taken(store)

    def test_a_success_later_than_its_window_gives_the_next_one_nothing(self, store: Store) -> None:
        slow = [store.reserve(ALICE, LIMIT) for _ in range(ALLOWED - 1)]
        store.pass_time(6 * MINUTE)
        fill(store)

        for reservation in slow:
            store.give_back(reservation, LIMIT)

        assert not is_taken(store)


class TestSQL(LateContract):
    @pytest.fixture
    def store(self, engine: Engine) -> DelayingSQLStore:
        return DelayingSQLStore(engine)

    def test_a_limit_that_was_lowered_counts_at_once(self, store: DelayingSQLStore) -> None:
        for _ in range(5):
            store.reserve(ALICE, LIMIT)

        assert store.left(ALICE, "5 per 5 minutes") == 1

    def test_a_clock_that_steps_back_revives_nothing(self, store: DelayingSQLStore) -> None:
        reach(store, 4)

        store.pass_time(-HOUR)

        assert not is_taken(store)

    def test_the_counters_do_not_say_whether_somebody_succeeded(
        self, store: DelayingSQLStore
    ) -> None:
        store.give_back(store.reserve(ALICE, LIMIT), LIMIT)
        store.pass_time(4 * MINUTE)
        fill(store)
        store.pass_time(4 * MINUTE)

        assert store.left(ALICE, LIMIT) == 1


class StallingStorage(MemoryStorage):
    """Counts some seconds after it was asked to, as when the machine has too much to do."""

    def __init__(self, clock: FrozenClock) -> None:
        super().__init__(clock)
        self._frozen = clock

    def incr(self, key: str, expiry: float, amount: int = 1, **options: object) -> int:
        self._frozen.advance(seconds=3)
        return super().incr(key, expiry, amount, **options)


class TestMemory(LateContract):
    @pytest.fixture
    def store(self) -> DelayingMemoryStore:
        return DelayingMemoryStore()

    def test_a_success_is_given_back_however_long_it_took_to_count(
        self, store: DelayingMemoryStore
    ) -> None:
        store.storage = StallingStorage(store.clock)

        store.give_back(store.reserve(ALICE, LIMIT), LIMIT)

        assert store.left(ALICE, LIMIT) == ALLOWED

    def test_a_success_of_before_the_delays_makes_none_shorter(
        self, store: DelayingMemoryStore
    ) -> None:
        early = store.reserve(ALICE, LIMIT)
        for _ in range(ALLOWED - 1):
            store.reserve(ALICE, LIMIT)
        store.pass_time(MINUTE)
        store.reserve(ALICE, LIMIT)

        store.give_back(early, LIMIT)

        store.pass_time(2 * MINUTE)
        store.reserve(ALICE, LIMIT)
        assert wait(store) == 4 * MINUTE


class TestValkey(Contract):
    @pytest.fixture
    def store(self, valkey: Valkey) -> Iterator[DelayingValkeyStore]:
        store = DelayingValkeyStore(valkey.url)
        yield store
        store.client.close()
        store.storage.storage.close()

    def test_every_counter_ends(self, store: DelayingValkeyStore) -> None:
        reach(store, 4)
        wait(store)
        store.pass_time(4 * MINUTE)
        store.give_back(store.reserve(ALICE, LIMIT), LIMIT)

        lives = [store.client.pttl(key) for key in store.client.scan_iter()]
        assert len(lives) >= 2
        assert min(lives) > 0

    @pytest.mark.attack("P-108")
    def test_without_valkey_nothing_is_allowed(
        self, store: DelayingValkeyStore, valkey: Valkey
    ) -> None:
        reservation = store.reserve(ALICE, LIMIT)
        valkey.interrupt()
        try:
            for _ in range(10):
                with pytest.raises(Unavailable):
                    store.reserve(ALICE, LIMIT)
            with pytest.raises(Unavailable):
                store.give_back(reservation, LIMIT)
        finally:
            valkey.resume()

        assert store.left(ALICE, LIMIT) == ALLOWED


# Any order of attempts

ORDERS = st.lists(st.tuples(st.integers(0, 400), st.booleans()), max_size=60)


def wrong_ones(store: Store, order: list[tuple[int, bool]]) -> list[int]:
    """Make attempts, right or wrong, so many seconds after one another; say when wrong were taken."""
    now, taken = 0, []
    for seconds, is_right in order:
        store.pass_time(seconds)
        now += seconds
        try:
            reservation = store.reserve(ALICE, LIMIT)
        except TooManyAttempts:
            continue
        if is_right:
            store.give_back(reservation, LIMIT)
        else:
            taken.append(now)
    return taken


@pytest.fixture(scope="module")
def sqlite(databases: Databases) -> Iterator[Engine]:
    with databases.copy("sqlite") as url:
        engine = create_engine(url)
        yield engine
        engine.dispose()


@pytest.fixture(scope="module", params=["sql", "memory"])
def new_store(request: pytest.FixtureRequest, sqlite: Engine) -> Callable[[], Store]:
    def sql() -> Store:
        with sqlite.begin() as connection:
            connection.execute(text("DELETE FROM attempt_counters"))
        return DelayingSQLStore(sqlite)

    return sql if request.param == "sql" else DelayingMemoryStore


@settings(max_examples=60, deadline=None)
@given(order=ORDERS)
def test_no_order_of_attempts_beats_the_window_and_its_delays(
    new_store: Callable[[], Store], order: list[tuple[int, bool]]
) -> None:
    taken = wrong_ones(new_store(), order)

    # Two windows may touch: one that is not quite full, and one that is, with what the delays of
    # one minute and of two let through.
    for began in taken:
        assert len([at for at in taken if began <= at < began + 300]) <= 2 * ALLOWED + 1


@settings(max_examples=60, deadline=None)
@given(order=ORDERS)
def test_successes_between_never_let_more_failures_through(
    new_store: Callable[[], Store], order: list[tuple[int, bool]]
) -> None:
    together, alone, passed = wrong_ones(new_store(), order), [], 0
    for seconds, is_right in order:
        passed += seconds
        if not is_right:
            alone.append((passed, False))
            passed = 0

    assert together == wrong_ones(new_store(), alone)


@settings(max_examples=60, deadline=None)
@given(order=ORDERS)
def test_both_stores_decide_alike(sqlite: Engine, order: list[tuple[int, bool]]) -> None:
    with sqlite.begin() as connection:
        connection.execute(text("DELETE FROM attempt_counters"))

    found = wrong_ones(DelayingSQLStore(sqlite), order)

    assert found == wrong_ones(DelayingMemoryStore(), order)
