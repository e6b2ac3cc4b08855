"""Checks of the database: that it is there, at this release, and keeps what it was given."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from warehouse_mfa.cli.context import sentence_of
from warehouse_mfa.cli.doctor.patient import Patient
from warehouse_mfa.clock import clock_of
from warehouse_mfa.db import migrations, schema
from warehouse_mfa.db.schema import Standing

MOST_APART = timedelta(seconds=5)
# What `db/engine.py` asks for. SQLite may answer otherwise, as on a network file system.
PRAGMAS = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
DURABLE = ("fsync", "full_page_writes", "synchronous_commit")


def unreachable_database(patient: Patient) -> Iterator[str]:
    file = patient.sqlite_file
    if file is not None and not file.exists():
        # Connecting would make an empty one.
        yield f"There is no database at {file}. Run `warehouse-mfa db upgrade`."
        return
    try:
        with patient.engine.begin() as connection:
            connection.execute(text("SELECT 1"))
    except DBAPIError as error:
        yield f"The database cannot be used: {sentence_of(error)}"


def schema_of_another_release(patient: Patient) -> Iterator[str]:
    current = schema.current_revision(patient.engine)
    standing = schema.standing(current)
    if standing is Standing.AHEAD:
        yield f"The database stands at {current}, which a newer release made. Install that one."
    elif standing is Standing.BEHIND:
        yield "The database is behind this release. Run `warehouse-mfa db upgrade`."


def schema_that_differs(patient: Patient) -> Iterator[str]:
    if migrations.differences(patient.engine):
        yield "The tables differ from those of this release. `warehouse-mfa db check` says how."


def careless_sqlite(patient: Patient) -> Iterator[str]:
    if patient.engine.dialect.name != "sqlite":
        return
    with patient.engine.connect() as connection:
        for name, wanted in PRAGMAS.items():
            found = connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            if found != wanted:
                yield (
                    f"SQLite works with {name}={found} instead of {wanted}: what was spent may be "
                    "unspent after a crash. Put the file on a local disk."
                )


def careless_postgresql(patient: Patient) -> Iterator[str]:
    if patient.engine.dialect.name != "postgresql":
        return
    with patient.engine.connect() as connection:
        for name in DURABLE:
            if connection.scalar(text(f"SHOW {name}")) == "off":
                yield (
                    f"PostgreSQL works with {name}=off: what was spent may be unspent after a "
                    "crash. Turn it on."
                )


def clocks_apart(patient: Patient) -> Iterator[str]:
    if patient.engine.dialect.name != "postgresql":
        return
    with patient.engine.connect() as connection:
        there: datetime | None = connection.scalar(text("SELECT clock_timestamp()"))
    apart = abs(clock_of(patient.config).now() - there) if there else timedelta()
    if apart > MOST_APART:
        yield (
            f"The clocks of this machine and of the database are {apart.total_seconds():.0f} s "
            "apart: one of them is wrong, and codes of apps may be refused. Set it by NTP."
        )
