"""Migrating as operators do it: several at once, killed half-way, by another release."""

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest
from sqlalchemy import Engine, inspect, text

from tests.common.commands import Operator, Running
from tests.common.guest import Guest
from tests.common.people import PASSWORD
from warehouse_mfa import paths
from warehouse_mfa.db import create_engine, migrations, schema

# Migrates, and dies like a machine that loses its power at the n-th table.
DIES_HALF_WAY = """
import os, signal, sys
from sqlalchemy import Engine, event
from warehouse_mfa.db import create_engine, migrations, schema

made = []

@event.listens_for(Engine, "after_cursor_execute")
def count(connection, cursor, statement, parameters, context, many):
    if "CREATE TABLE" in statement:
        made.append(statement)
        if len(made) == int(sys.argv[2]):
            os.kill(os.getpid(), signal.SIGKILL)

migrations.upgrade(create_engine(sys.argv[1]))
"""


@pytest.fixture
def database(administrator: Operator) -> Iterator[Engine]:
    """The database of the administrator, which is empty."""
    engine = create_engine(administrator.settings["database_url"])
    yield engine
    engine.dispose()


def tables(engine: Engine) -> set[str]:
    return set(inspect(engine).get_table_names())


def pretend_to_stand_at(engine: Engine, revision: str) -> None:
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :at"), {"at": revision})


@pytest.mark.attack("P-111")
def test_of_four_that_migrate_an_empty_database_at_once_all_succeed(
    administrator: Operator, database: Engine
) -> None:
    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda _: administrator.run("db", "upgrade"), range(4)))

    head = schema.head_revision()
    for one in done:
        assert (one.returncode, one.stderr) == (0, "")
        assert one.stdout == f"The database stands at {head}.\n"
    assert schema.current_revision(database) == head
    assert administrator.run("db", "check").returncode == 0


@pytest.mark.attack("P-111")
def test_of_four_that_migrate_an_old_database_at_once_all_succeed(
    administrator: Operator, database: Engine
) -> None:
    migrations.upgrade(database)
    migrations.downgrade(database, "-3")

    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda _: administrator.run("db", "upgrade"), range(4)))

    assert [(one.returncode, one.stderr) for one in done] == [(0, "")] * 4
    assert schema.current_revision(database) == schema.head_revision()


@pytest.mark.parametrize("table", [1, 9])
def test_a_migration_that_is_killed_half_way_leaves_nothing(
    administrator: Operator, database: Engine, table: int
) -> None:
    url = administrator.settings["database_url"]

    killed = subprocess.run(
        [sys.executable, "-c", DIES_HALF_WAY, url, str(table)],
        cwd=paths.PACKAGE.parent,
        timeout=60,
    )

    assert killed.returncode == -9
    assert tables(database) == set()
    migrations.upgrade(database)
    assert schema.current_revision(database) == schema.head_revision()


@pytest.mark.parametrize("more", [(), ("--migrate",)])
def test_the_release_before_goes_on_serving_a_database_of_a_newer_one(
    administrator: Operator, database: Engine, more: tuple[str, ...]
) -> None:
    migrations.upgrade(database)
    with database.begin() as connection:
        connection.execute(text("ALTER TABLE users ADD COLUMN nickname VARCHAR(10)"))
    pretend_to_stand_at(database, "ffffffffffff")

    with administrator.serve(*more) as site:
        ready = site.get("/_health/ready").status
        registered = Guest(site).register("alice", PASSWORD).status
        assert site.end() == 0

    assert (ready, registered) == (200, 303)
    warned = site.wait_for(lambda record: record["event"] == "database of a newer release")
    assert warned["revision"] == "ffffffffffff"
    assert schema.current_revision(database) == "ffffffffffff"


def test_a_database_that_is_behind_is_not_served_and_the_command_is_named(
    administrator: Operator, database: Engine
) -> None:
    sentence = "Error: The database is behind this release. Run `warehouse-mfa db upgrade`.\n"

    for revision in ("nothing", "-1"):
        if revision == "-1":
            migrations.upgrade(database)
            migrations.downgrade(database, revision)
        done = administrator.run("serve", "--port", "0")
        assert (done.returncode, done.stdout, done.stderr) == (1, "", sentence)


def test_serve_migrates_when_it_is_told_to(administrator: Operator, database: Engine) -> None:
    with administrator.serve("--migrate") as site:
        assert site.get("/_health/ready").status == 200

        assert site.end() == 0
    assert schema.current_revision(database) == schema.head_revision()


@pytest.mark.attack("P-111")
def test_of_several_that_begin_to_serve_an_empty_database_one_serves_and_the_rest_say_why_not(
    newcomer: Operator,
) -> None:
    def serve(_: int) -> Running | str:
        try:
            return newcomer.serve()
        except EOFError as end:
            return str(end)

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(serve, range(4)))

    serving = [one for one in found if isinstance(one, Running)]
    with ExitStack() as stack:
        for one in serving:
            stack.enter_context(one)
        assert len(serving) == 1
        assert serving[0].get("/_health/ready").status == 200
        assert serving[0].end() == 0
    refused = [one for one in found if isinstance(one, str)]
    assert all("Error: Another process serves this database." in one for one in refused)
