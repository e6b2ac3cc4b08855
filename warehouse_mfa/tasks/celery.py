"""The same tasks on Celery workers, when Redis or Valkey is set; see `warehouse-mfa worker`."""

from collections.abc import Callable

from celery import Celery
from kombu.exceptions import OperationalError
from kombu.transport import redis
from pyramid.config import Configurator
from pyramid.registry import Registry
from zope.interface import implementer

from warehouse_mfa import logs
from warehouse_mfa.tasks.interfaces import ITaskQueue, Task
from warehouse_mfa.tasks.scope import run

log = logs.get(__name__)
BROKER_SECONDS = 0.5  # a broker that is gone must not slow a request down

# A channel that closes gives back what was not acknowledged. When the broker is gone it tries to do so
# over a client that is gone, too, with an error that ends the worker for good (kombu 5.7). Ours need
# not be given back: what a task does hangs on rows, and the timetable brings each one again.
redis.Channel.do_restore = False


def build(registry: Registry) -> Celery:
    """Return the Celery application with every declared task and its timetable."""
    app = Celery("warehouse_mfa", broker=registry["settings"].redis_url.get_secret_value())
    app.conf.update(
        task_ignore_result=True,
        worker_hijack_root_logger=False,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,  # for ever: it heals alone when the broker is back
        broker_transport_options={
            "socket_timeout": BROKER_SECONDS,
            "socket_connect_timeout": BROKER_SECONDS,
            "max_retries": 0,
        },
        beat_schedule={
            task.name: {"task": task.name, "schedule": task.every}
            for task in registry["tasks"].values()
        },
    )
    for task in registry["tasks"].values():
        # Not shared: another application in this process has tasks of the same names.
        app.task(name=task.name, shared=False)(_job(registry, task))
    return app


def _job(registry: Registry, task: Task) -> Callable[[], None]:
    def job() -> None:
        run(registry, task.name)

    return job


@implementer(ITaskQueue)
class CeleryQueue:
    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def hint(self, name: str) -> None:
        try:
            self._registry["celery"].send_task(name, retry=False, expires=60)
        except OperationalError as error:
            # The timetable brings the task soon, so that the hint may be lost.
            log.warning("broker unavailable", task=name, error=type(error).__name__)

    def start(self) -> None:
        """Workers run the tasks, not this process."""

    def stop(self) -> None:
        """Nothing was started."""


def includeme(config: Configurator) -> None:
    registry = config.registry
    config.register_service(CeleryQueue(registry), ITaskQueue)
    config.action(None, lambda: registry.update(celery=build(registry)), order=20)
