"""Noting that tasks run, and finding those that do not."""

from datetime import timedelta

from pyramid.request import Request
from sqlalchemy import bindparam, select, text

from warehouse_mfa.clock import IClock
from warehouse_mfa.db import UTCDateTime, table_of
from warehouse_mfa.tasks.models import TaskRun

NOTED_EVERY = timedelta(minutes=1)  # a task that runs every five seconds need not write each time
ROUNDS_MISSED = 3
LEAST_DELAY = timedelta(minutes=10)

RUNS = table_of(TaskRun)
# SQLite and PostgreSQL read the same text.
NOTE = text(
    """
    INSERT INTO task_runs (name, finished_at) VALUES (:name, :now)
    ON CONFLICT (name) DO UPDATE SET finished_at = excluded.finished_at
    WHERE task_runs.finished_at <= :before
    """
).bindparams(bindparam("now", type_=UTCDateTime()), bindparam("before", type_=UTCDateTime()))


def note(request: Request, name: str) -> None:
    """Note that a round of a task has ended well."""
    now = request.find_service(IClock).now()
    request.db.execute(NOTE, {"name": name, "now": now, "before": now - NOTED_EVERY})


def overdue(request: Request) -> list[str]:
    """Return the tasks that missed some rounds; none where no task has ever run."""
    now = request.find_service(IClock).now()
    finished = {row.name: row.finished_at for row in request.db.execute(select(RUNS))}
    return [
        task.name
        for task in request.registry["tasks"].values()
        if task.name in finished
        and now - finished[task.name] > max(ROUNDS_MISSED * task.every, LEAST_DELAY)
    ]


def has_run(request: Request) -> bool:
    """Tell whether any task has ever run."""
    return request.db.execute(select(RUNS.c.name).limit(1)).first() is not None
