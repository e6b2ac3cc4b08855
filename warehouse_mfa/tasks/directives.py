"""`config.add_task`."""

from collections.abc import Callable
from datetime import timedelta

from pyramid.config import Configurator
from pyramid.request import Request

from warehouse_mfa.tasks.interfaces import Task


def add_task(
    config: Configurator, name: str, run: Callable[[Request], None], *, every: timedelta
) -> None:
    """Declare the task `name`, such as "mail.deliver"."""
    task = Task(name, run, every)
    config.action(("task", name), lambda: config.registry["tasks"].update({name: task}))
