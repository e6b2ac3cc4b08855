"""Checks of what the database holds: keys, secrets, mails, tasks."""

from collections.abc import Iterator

from pyramid.request import Request
from sqlalchemy import select

from warehouse_mfa.cli.doctor.patient import Patient
from warehouse_mfa.clock import IClock
from warehouse_mfa.db import table_of
from warehouse_mfa.events.models import EventRow
from warehouse_mfa.i18n import _
from warehouse_mfa.keys.interfaces import IKeyedTable, IKeyService, ISealedTable
from warehouse_mfa.mail.interfaces import IOutbox, Undelivered
from warehouse_mfa.tasks.runs import LEAST_DELAY, has_run, overdue

SAMPLE = 50
EVENTS = table_of(EventRow)
FIRST_EVENT = select(EVENTS.c.happened_at).order_by(EVENTS.c.id).limit(1)


def missing_keys(patient: Patient) -> Iterator[str]:
    with patient.scope() as request:
        usage = request.find_service(IKeyService).usage()
    for key in usage:
        if not key.is_in_ring:
            yield _(
                "The key ${key} is not in WAREHOUSE_MFA_SECRET_KEYS, and rows hang on it "
                "(${number}). Put it back, or run `warehouse-mfa keys drop ${key} --revoke`.",
                mapping={"key": key.key_id, "number": sum(key.rows.values())},
            )


def unreadable_secrets(patient: Patient) -> Iterator[str]:
    with patient.scope() as request:
        tables = [
            request.find_service(IKeyedTable, name=name)
            for name in request.registry["keyed_tables"]
        ]
        unreadable = {
            table.name: table.unreadable(SAMPLE)
            for table in tables
            if ISealedTable.providedBy(table)
        }
    for name, number in unreadable.items():
        if number:
            yield _(
                "Of the last ${sample} secrets in ${table} some do not open (${number}): the key or "
                "WAREHOUSE_MFA_ORIGIN is another, or somebody changed the rows.",
                mapping={"sample": SAMPLE, "table": name, "number": number},
            )


def dead_letters(patient: Patient) -> Iterator[str]:
    if number := _undelivered(patient).failed:
        yield _(
            "Mails were given up in the last days (${number}); `mails.last_error` says why.",
            mapping={"number": number},
        )


def overdue_mails(patient: Patient) -> Iterator[str]:
    if number := _undelivered(patient).overdue:
        yield _(
            "Mails should have left by now (${number}). Is a `serve` or a `worker` running?",
            mapping={"number": number},
        )


def _undelivered(patient: Patient) -> Undelivered:
    with patient.scope() as request:
        found: Undelivered = request.find_service(IOutbox).undelivered()
        return found


def overdue_tasks(patient: Patient) -> Iterator[str]:
    with patient.scope() as request:
        names = overdue(request)
        is_idle = not has_run(request) and _is_used(request)
    if is_idle:
        yield _(
            "No background task has ever run, and the site is used. Is a `serve` or a `worker` running?"
        )
    for name in names:
        yield _(
            "The task ${name} missed its rounds. Look for `task failed` in the log.",
            mapping={"name": name},
        )


def _is_used(request: Request) -> bool:
    """Tell whether anything happened, and not only a moment ago."""
    first = request.db.scalar(FIRST_EVENT)
    now = request.find_service(IClock).now()
    return first is not None and now - first > LEAST_DELAY
