"""What a task is, and the queue that hears of work."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from pyramid.request import Request
from zope.interface import Interface


@dataclass(frozen=True, slots=True)
class Task:
    """A function to run every so often, and sooner when somebody asks."""

    name: str
    run: Callable[[Request], None]
    every: timedelta


class ITaskQueue(Interface):
    """Hears that there is work, so that it need not wait for the next round."""

    def hint(name: str) -> None:
        """Run the task of that name soon. A hint may be lost; the work is done in the next round."""

    def start() -> None:
        """Begin to run tasks in this process, if this queue does so."""

    def stop() -> None:
        """Let the running task end and start no other."""
