"""Checks of what the database holds: keys, secrets, mails, tasks."""

from collections.abc import Iterator

from warehouse_mfa.cli.doctor.patient import Patient
from warehouse_mfa.keys.interfaces import IKeyedTable, IKeyService, ISealedTable
from warehouse_mfa.mail.interfaces import IOutbox, Undelivered
from warehouse_mfa.tasks.runs import overdue

SAMPLE = 50


def missing_keys(patient: Patient) -> Iterator[str]:
    with patient.scope() as request:
        usage = request.find_service(IKeyService).usage()
    for key in usage:
        if not key.is_in_ring:
            yield (
                f"The key {key.key_id} is not in WAREHOUSE_MFA_SECRET_KEYS, and rows hang on it "
                f"({sum(key.rows.values())}). Put it back, or run `warehouse-mfa keys drop "
                f"{key.key_id} --revoke`."
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
            yield (
                f"Of the last {SAMPLE} secrets in {name} some do not open ({number}): the key or "
                "WAREHOUSE_MFA_ORIGIN is another, or somebody changed the rows."
            )


def dead_letters(patient: Patient) -> Iterator[str]:
    if number := _undelivered(patient).failed:
        yield f"Mails were given up in the last days ({number}); `mails.last_error` says why."


def overdue_mails(patient: Patient) -> Iterator[str]:
    if number := _undelivered(patient).overdue:
        yield f"Mails should have left by now ({number}). Is a `serve` or a `worker` running?"


def _undelivered(patient: Patient) -> Undelivered:
    with patient.scope() as request:
        found: Undelivered = request.find_service(IOutbox).undelivered()
        return found


def overdue_tasks(patient: Patient) -> Iterator[str]:
    with patient.scope() as request:
        names = overdue(request)
    for name in names:
        yield f"The task {name} missed its rounds. Look for `task failed` in the log."
