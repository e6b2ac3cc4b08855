"""Checks of the database: that it is there, at this release, and keeps what it was given."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from warehouse_mfa.cli.context import sentence_of
from warehouse_mfa.cli.doctor.patient import Patient
from warehouse_mfa.cli.schema import BEHIND
from warehouse_mfa.clock import clock_of
from warehouse_mfa.db import migrations, schema, table_of
from warehouse_mfa.db.schema import Standing
from warehouse_mfa.events.models import EventRow
from warehouse_mfa.i18n import _

MOST_APART = timedelta(seconds=5)
# What `db/engine.py` asks for. SQLite may answer otherwise, as on a network file system.
PRAGMAS = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
DURABLE = ("fsync", "full_page_writes", "synchronous_commit")
EVENTS = table_of(EventRow)
LAST_EVENT = select(EVENTS.c.happened_at).order_by(EVENTS.c.id.desc()).limit(1)


def unreachable_database(patient: Patient) -> Iterator[str]:
    file = patient.sqlite_file
    if file is not None and not file.exists():
        # Connecting would make an empty one.
        yield _(
            "There is no database at ${file}. Run `warehouse-mfa db upgrade`.",
            mapping={"file": file},
        )
        return
    try:
        with patient.engine.begin() as connection:
            connection.execute(text("SELECT 1"))
    except DBAPIError as error:
        yield _("The database cannot be used: ${reason}", mapping={"reason": sentence_of(error)})


def schema_of_another_release(patient: Patient) -> Iterator[str]:
    current = schema.current_revision(patient.engine)
    standing = schema.standing(current)
    if standing is Standing.AHEAD:
        yield _(
            "The database stands at ${revision}, which a newer release made. Install that one.",
            mapping={"revision": current},
        )
    elif standing is Standing.BEHIND:
        yield BEHIND


def schema_that_differs(patient: Patient) -> Iterator[str]:
    if migrations.differences(patient.engine):
        yield _("The tables differ from those of this release. `warehouse-mfa db check` says how.")


def careless_sqlite(patient: Patient) -> Iterator[str]:
    if patient.engine.dialect.name != "sqlite":
        return
    with patient.engine.connect() as connection:
        for name, wanted in PRAGMAS.items():
            found = connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            if found != wanted:
                yield _(
                    "SQLite works with ${name}=${found} instead of ${wanted}: what was used up may "
                    "count again after a crash. Put the file on a local disk.",
                    mapping={"name": name, "found": found, "wanted": wanted},
                )


def careless_postgresql(patient: Patient) -> Iterator[str]:
    if patient.engine.dialect.name != "postgresql":
        return
    with patient.engine.connect() as connection:
        for name in DURABLE:
            if connection.scalar(text(f"SHOW {name}")) == "off":
                yield _(
                    "PostgreSQL works with ${name}=off: what was used up may count again after a "
                    "crash. Turn it on.",
                    mapping={"name": name},
                )


def clocks_apart(patient: Patient) -> Iterator[str]:
    if patient.engine.dialect.name != "postgresql":
        return
    with patient.engine.connect() as connection:
        there: datetime | None = connection.scalar(text("SELECT clock_timestamp()"))
    apart = abs(clock_of(patient.config).now() - there) if there else timedelta()
    if apart > MOST_APART:
        yield _(
            "The clocks of this machine and of the database are ${seconds} s apart: one of them is "
            "wrong, and codes of apps may be refused. Set it by NTP.",
            mapping={"seconds": round(apart.total_seconds())},
        )


def clock_behind_the_events(patient: Patient) -> Iterator[str]:
    with patient.engine.connect() as connection:
        last: datetime | None = connection.scalar(LAST_EVENT)
    ahead = last - clock_of(patient.config).now() if last else timedelta()
    if ahead > MOST_APART:
        yield _(
            "The last event of the database happened ${seconds} s after the time of this machine: "
            "its clock is behind, or was ahead, and until then apps that were used refuse their "
            "codes and mails wait. Set it by NTP.",
            mapping={"seconds": round(ahead.total_seconds())},
        )
