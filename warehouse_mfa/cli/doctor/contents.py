"""Checks of what the database holds: keys, secrets, mails, tasks."""

from collections.abc import Iterator

from warehouse_mfa.cli.doctor.patient import Patient
from warehouse_mfa.i18n import _
from warehouse_mfa.keys.interfaces import IKeyedTable, IKeyService, ISealedTable
from warehouse_mfa.mail.interfaces import IOutbox, Undelivered
from warehouse_mfa.tasks.runs import overdue

SAMPLE = 50


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
    for name in names:
        yield _(
            "The task ${name} missed its rounds. Look for `task failed` in the log.",
            mapping={"name": name},
        )
