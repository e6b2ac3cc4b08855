"""A request without HTTP: what tasks and commands find services and a transaction through."""

from collections.abc import Iterator
from contextlib import contextmanager

from pyramid.registry import Registry
from pyramid.request import Request
from pyramid.scripting import prepare

from warehouse_mfa import logs
from warehouse_mfa.tasks.runs import note

log = logs.get(__name__)


@contextmanager
def open_scope(registry: Registry) -> Iterator[Request]:
    """Yield a request in a transaction that commits at the end, or rolls back if the block raises."""
    environment = prepare(registry=registry)
    request = environment["request"]
    request.method = "POST"  # its session may write
    request.tm.begin()
    try:
        yield request
        request.tm.commit()
    except BaseException:
        request.tm.abort()
        raise
    finally:
        environment["closer"]()


def run(registry: Registry, name: str) -> None:
    """Run one round of a task. What it raises is logged: the next round tries again."""
    task = registry["tasks"][name]
    try:
        with open_scope(registry) as request:
            task.run(request)
            note(request, name)
    except Exception:
        log.exception("task failed", task=name)
