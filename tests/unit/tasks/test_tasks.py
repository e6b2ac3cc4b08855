"""Tasks: a request without HTTP, the scheduler in `serve`, and the queue of Celery."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Condition, Event
from typing import Any

import pytest
import redis
from pyramid.config import Configurator
from pyramid.exceptions import ConfigurationConflictError
from pyramid.request import Request
from sqlalchemy import text
from zope.interface.verify import verifyObject

from dev.services import Valkey
from tests.common.site import HTTP, environment
from warehouse_mfa import settings
from warehouse_mfa.config import configure
from warehouse_mfa.tasks import ITaskQueue, open_scope, run
from warehouse_mfa.tasks.celery import CeleryQueue
from warehouse_mfa.tasks.scheduler import SchedulerQueue

HOUR = timedelta(hours=1)
WAIT_SECONDS = 20
INSERT = text(
    "INSERT INTO attempt_counters (key, span, allowed, count, refused, ends) "
    "VALUES (:key, 1, 0, 0, 0, 0)"
)


class Job:
    """A task that counts how often it ran, and may do more."""

    def __init__(self) -> None:
        self.act: Callable[[Request], None] = lambda request: None
        self._changed = Condition()
        self._times = 0

    def __call__(self, request: Request) -> None:
        try:
            self.act(request)
        finally:
            with self._changed:
                self._times += 1
                self._changed.notify_all()

    @property
    def times(self) -> int:
        with self._changed:
            return self._times

    def wait_for(self, times: int) -> bool:
        with self._changed:
            return self._changed.wait_for(lambda: self._times >= times, WAIT_SECONDS)


class Tasks:
    """An application whose only tasks are the test's."""

    def __init__(self, database_url: str, **settings_: str) -> None:
        self.config = configure(settings.load(environment(database_url, HTTP, **settings_)))
        self.registry = self.config.registry
        self.registry["tasks"].clear()

    def add(self, name: str, *, every: timedelta = HOUR) -> Job:
        job = Job()
        self.config.add_task(name, job, every=every)
        self.config.commit()
        return job

    def keys(self) -> list[bytes]:
        with self.registry["engine"].connect() as connection:
            rows = connection.execute(text("SELECT key FROM attempt_counters ORDER BY key"))
            return [bytes(row.key) for row in rows]

    def close(self) -> None:
        with self.registry["engine"].begin() as connection:
            connection.execute(text("DELETE FROM attempt_counters"))
        self.registry["engine"].dispose()


@pytest.fixture
def tasks(database_url: str) -> Iterator[Tasks]:
    tasks = Tasks(database_url)
    yield tasks
    tasks.close()


@pytest.fixture
def queue(tasks: Tasks) -> Iterator[SchedulerQueue]:
    """The scheduler, which has not begun yet."""
    queue = SchedulerQueue(tasks.registry)
    yield queue
    queue.stop()


# A request without HTTP


def test_what_a_scope_did_lasts(tasks: Tasks) -> None:
    with open_scope(tasks.registry) as request:
        request.db.execute(INSERT, {"key": b"kept"})

    assert tasks.keys() == [b"kept"]


def test_a_scope_that_raises_leaves_nothing(tasks: Tasks) -> None:
    def fail() -> None:
        with open_scope(tasks.registry) as request:
            request.db.execute(INSERT, {"key": b"lost"})
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()

    assert tasks.keys() == []


def test_a_task_that_fails_is_logged_and_leaves_nothing(
    tasks: Tasks, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(request: Request) -> None:
        request.db.execute(INSERT, {"key": b"lost"})
        raise RuntimeError("what went wrong")

    tasks.add("test.fail").act = fail

    run(tasks.registry, "test.fail")

    assert tasks.keys() == []
    (record,) = [one for one in caplog.records if "task failed" in str(one.msg)]
    assert "test.fail" in str(record.msg)
    assert "what went wrong" in str(record.msg) + str(record.exc_info)


def test_two_tasks_of_one_name_are_a_mistake(tasks: Tasks) -> None:
    def extend(config: Configurator) -> None:
        config.add_task("mail.deliver", Job(), every=HOUR)
        config.include(lambda other: other.add_task("test.twice", Job(), every=HOUR))
        config.include(_again)

    def _again(config: Configurator) -> None:
        config.add_task("test.twice", Job(), every=HOUR)

    with pytest.raises(ConfigurationConflictError):
        configure(tasks.registry["settings"], extend)


# The scheduler


def test_the_scheduler_is_a_queue(queue: SchedulerQueue) -> None:
    assert verifyObject(ITaskQueue, queue)


def test_a_task_runs_every_so_often(tasks: Tasks, queue: SchedulerQueue) -> None:
    job = tasks.add("test.often", every=timedelta(milliseconds=50))

    queue.start()

    assert job.wait_for(3)


def test_a_hint_makes_a_task_run_soon(tasks: Tasks, queue: SchedulerQueue) -> None:
    job, other = tasks.add("test.hinted"), tasks.add("test.other")
    queue.start()

    queue.hint("test.hinted")

    assert job.wait_for(1)
    assert other.times == 0


def test_many_hints_at_once_run_a_task_at_least_once(tasks: Tasks, queue: SchedulerQueue) -> None:
    job = tasks.add("test.hinted")
    queue.start()

    for _ in range(100):
        queue.hint("test.hinted")

    assert job.wait_for(1)


def test_before_its_start_and_after_its_end_a_hint_does_nothing(
    tasks: Tasks, queue: SchedulerQueue
) -> None:
    job = tasks.add("test.hinted")

    queue.hint("test.hinted")
    queue.start()
    queue.stop()
    queue.hint("test.hinted")

    assert job.times == 0


def test_a_task_that_fails_runs_again(tasks: Tasks, queue: SchedulerQueue) -> None:
    job = tasks.add("test.fail", every=timedelta(milliseconds=50))

    def fail(request: Request) -> None:
        raise RuntimeError

    job.act = fail
    queue.start()

    assert job.wait_for(3)


def test_a_task_that_takes_long_does_not_run_twice_at_once(
    tasks: Tasks, queue: SchedulerQueue
) -> None:
    running, most, tick = [0], [0], Event()

    def take_long(request: Request) -> None:
        running[0] += 1
        most[0] = max(most[0], running[0])
        tick.wait(0.2)
        running[0] -= 1

    job = tasks.add("test.long", every=timedelta(milliseconds=20))
    job.act = take_long
    queue.start()

    assert job.wait_for(3)
    assert most == [1]


def test_one_task_that_hangs_does_not_hold_another(tasks: Tasks, queue: SchedulerQueue) -> None:
    hangs, end = tasks.add("test.hangs"), Event()
    hangs.act = lambda request: end.wait(WAIT_SECONDS) and None
    other = tasks.add("test.other", every=timedelta(milliseconds=50))
    queue.start()

    queue.hint("test.hangs")

    assert other.wait_for(3)
    end.set()


def test_the_end_waits_for_the_task_that_runs(tasks: Tasks, queue: SchedulerQueue) -> None:
    job, has_begun, may_go_on = tasks.add("test.running"), Event(), Event()

    def work(request: Request) -> None:
        has_begun.set()
        may_go_on.wait(WAIT_SECONDS)
        request.db.execute(INSERT, {"key": b"finished"})

    job.act = work
    queue.start()
    queue.hint("test.running")
    assert has_begun.wait(WAIT_SECONDS)

    with ThreadPoolExecutor(1) as pool:
        ended = pool.submit(queue.stop)
        may_go_on.set()
        ended.result(WAIT_SECONDS)

    assert tasks.keys() == [b"finished"]
    assert job.times == 1


def test_ending_what_never_began_is_no_mistake(queue: SchedulerQueue) -> None:
    queue.stop()
    queue.stop()


# Celery


@pytest.fixture(scope="module")
def valkey() -> Iterator[Valkey]:
    with Valkey() as server:
        yield server


@pytest.fixture
def scaled_out(database_url: str, valkey: Valkey) -> Iterator[Tasks]:
    tasks = Tasks(database_url, redis_url=valkey.url)
    yield tasks
    tasks.registry["celery"].close()
    tasks.close()


@pytest.fixture
def hints(scaled_out: Tasks) -> ITaskQueue:
    queue: ITaskQueue = scaled_out.config.find_service_factory(ITaskQueue)(None, None)
    return queue


def waiting(valkey: Valkey) -> int:
    client: Any = redis.from_url(valkey.url)
    number: int = client.llen("celery")
    client.close()
    return number


def test_with_valkey_the_queue_is_that_of_celery(hints: ITaskQueue) -> None:
    assert isinstance(hints, CeleryQueue)
    assert verifyObject(ITaskQueue, hints)


def test_workers_know_every_task_and_its_timetable(database_url: str, valkey: Valkey) -> None:
    config = configure(settings.load(environment(database_url, HTTP, redis_url=valkey.url)))
    app, declared = config.registry["celery"], config.registry["tasks"]

    assert set(declared) <= set(app.tasks)
    assert {name: entry["schedule"] for name, entry in app.conf.beat_schedule.items()} == {
        name: task.every for name, task in declared.items()
    }
    assert {"mail.deliver", "mail.purge", "rate_limiting.purge"} <= set(declared)
    app.close()
    config.registry["engine"].dispose()


def test_a_hint_goes_to_the_workers(hints: ITaskQueue, valkey: Valkey) -> None:
    before = waiting(valkey)

    hints.hint("mail.deliver")

    assert waiting(valkey) == before + 1


def test_this_process_runs_nothing_itself(
    hints: ITaskQueue, scaled_out: Tasks, valkey: Valkey
) -> None:
    job = scaled_out.add("test.hinted", every=timedelta(milliseconds=50))

    hints.start()
    hints.hint("test.hinted")
    hints.stop()

    assert job.times == 0


@pytest.mark.attack("P-108")
def test_without_a_broker_a_hint_is_lost_at_once_and_comes_again_with_it(
    hints: ITaskQueue, valkey: Valkey, caplog: pytest.LogCaptureFixture
) -> None:
    hints.hint("mail.deliver")
    valkey.interrupt()
    began = time.monotonic()

    for _ in range(5):
        hints.hint("mail.deliver")

    seconds = time.monotonic() - began
    valkey.resume()
    hints.hint("mail.deliver")
    assert seconds < 5
    assert waiting(valkey) == 1
    assert "broker unavailable" in caplog.text
