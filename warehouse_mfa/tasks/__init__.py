"""Background work: what is to be done now and then, in this process or by Celery workers.

A task is a function that takes a request without HTTP (see `scope`) and claims its work by a lease,
so that it may run twice at once or be killed at any moment. `config.add_task` declares it.
"""

from pyramid.config import Configurator

from warehouse_mfa.tasks.directives import add_task
from warehouse_mfa.tasks.interfaces import ITaskQueue, Task
from warehouse_mfa.tasks.scheduler import SchedulerQueue
from warehouse_mfa.tasks.scope import open_scope, run

__all__ = ["ITaskQueue", "Task", "open_scope", "run"]


def includeme(config: Configurator) -> None:
    config.registry["tasks"] = {}
    config.add_directive("add_task", add_task)
    if config.registry["settings"].redis_url.get_secret_value():
        config.include("warehouse_mfa.tasks.celery")
    else:
        config.register_service(SchedulerQueue(config.registry), ITaskQueue)
