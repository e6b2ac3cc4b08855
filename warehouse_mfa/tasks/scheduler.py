"""The scheduler thread inside `serve`, for installations without Redis."""

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from pyramid.registry import Registry
from zope.interface import implementer

from warehouse_mfa.clock import SystemClock
from warehouse_mfa.tasks.interfaces import ITaskQueue
from warehouse_mfa.tasks.scope import run


@implementer(ITaskQueue)
class SchedulerQueue:
    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._scheduler = BackgroundScheduler(
            timezone="UTC",
            executors={"default": ThreadPoolExecutor(2)},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )

    def hint(self, name: str) -> None:
        if self._scheduler.running:
            # The next round is brought forward. The scheduler reads the clock of the machine.
            self._scheduler.modify_job(name, next_run_time=SystemClock().now())

    def start(self) -> None:
        for task in self._registry["tasks"].values():
            self._scheduler.add_job(
                run,
                "interval",
                seconds=task.every.total_seconds(),
                args=[self._registry, task.name],
                id=task.name,
            )
        self._scheduler.start()

    def stop(self) -> None:
        if self._scheduler.running:
            self._scheduler.shutdown(wait=True)
