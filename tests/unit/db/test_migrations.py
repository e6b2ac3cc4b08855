"""Migrations: the same files on both databases, up and down with data in the tables."""

import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.util import CommandError
from sqlalchemy import Engine, create_engine, inspect, text

import warehouse_mfa
from tests.common.fresh import FreshDatabases
from tests.common.site import Site
from warehouse_mfa.db import Base, migrations, schema
from warehouse_mfa.db import create_engine as create_our_engine
from warehouse_mfa.db.schema import Standing

for module in pkgutil.walk_packages(warehouse_mfa.__path__, "warehouse_mfa."):
    if module.name.endswith(".models"):
        importlib.import_module(module.name)

REVISIONS = [migration.revision for migration in reversed(migrations.history())]


@pytest.fixture
def url(fresh: FreshDatabases) -> str:
    return fresh.url()


@pytest.fixture
def empty_database(url: str) -> Iterator[Engine]:
    """A database without any table."""
    engine = create_our_engine(url)
    yield engine
    engine.dispose()


@pytest.fixture
def inhabited(empty_database: Engine, url: str) -> Engine:
    """A database of this release, in which people have been."""
    migrations.upgrade(empty_database)
    site = Site(url)
    site.person("alice", totp=True, key=True)
    erin = site.person("erin", verified=False)
    site.visitor().give_password(erin)
    site.visitor().give_password(erin, status=422, password="wrong")
    site.close()
    return empty_database


def tables(engine: Engine) -> set[str]:
    return set(inspect(engine).get_table_names())


def number(engine: Engine, table: str) -> int:
    with engine.connect() as connection:
        found: int = connection.scalar(text(f'SELECT count(*) FROM "{table}"')) or 0
        return found


def test_an_empty_database_stands_nowhere(empty_database: Engine) -> None:
    assert schema.current_revision(empty_database) is None


def test_after_an_upgrade_the_database_is_that_of_the_models(empty_database: Engine) -> None:
    migrations.upgrade(empty_database)

    assert migrations.differences(empty_database) == []
    assert schema.current_revision(empty_database) == schema.head_revision()
    assert tables(empty_database) == {*Base.metadata.tables, "alembic_version"}


def test_an_upgrade_of_what_is_up_to_date_changes_nothing(inhabited: Engine) -> None:
    people = number(inhabited, "users")

    for _ in range(2):
        migrations.upgrade(inhabited)

    assert number(inhabited, "users") == people == 2


def test_every_step_goes_up_and_down_and_up_again_with_data(inhabited: Engine) -> None:
    for revision in [*reversed(REVISIONS[:-1]), "base"]:
        migrations.downgrade(inhabited, revision)
        expected = None if revision == "base" else revision
        assert schema.current_revision(inhabited) == expected
    assert tables(inhabited) == {"alembic_version"}

    for revision in REVISIONS:
        migrations.upgrade(inhabited, revision)
        assert schema.current_revision(inhabited) == revision
    assert migrations.differences(inhabited) == []


def test_one_step_down_and_up_keeps_everything_that_it_is_not_about(inhabited: Engine) -> None:
    before = {table: number(inhabited, table) for table in tables(inhabited)}
    assert min(before["users"], before["events"], before["totp_applications"]) > 0

    migrations.downgrade(inhabited, "-1")
    # What the last step made goes with it.
    kept = tables(inhabited) & before.keys()
    migrations.upgrade(inhabited)

    after = {table: number(inhabited, table) for table in tables(inhabited)}
    assert {table for table in kept if before[table] != after[table]} <= {"pending_logins"}


def test_a_database_that_was_downgraded_differs_from_the_models(inhabited: Engine) -> None:
    migrations.downgrade(inhabited, "-1")

    assert migrations.differences(inhabited) != []


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ("CREATE TABLE forgotten (id INTEGER)", "forgotten"),
        ("DROP INDEX uq_emails_primary", "uq_emails_primary"),
        ("DROP INDEX ix_mails_waiting", "ix_mails_waiting"),
        ("ALTER TABLE users ADD COLUMN nickname VARCHAR(10)", "nickname"),
        ("ALTER TABLE mails DROP COLUMN last_error", "last_error"),
    ],
)
def test_a_difference_is_found(empty_database: Engine, change: str, what: str) -> None:
    migrations.upgrade(empty_database)
    with empty_database.begin() as connection:
        connection.execute(text(change))

    assert any(what in line for line in migrations.differences(empty_database))


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[Engine]:
    engine = create_our_engine(f"sqlite:///{tmp_path / 'index.sqlite3'}")
    migrations.upgrade(engine)
    yield engine
    engine.dispose()


def test_sqlite_checks_references_again_after_a_migration(sqlite: Engine) -> None:
    migrations.downgrade(sqlite, "-1")
    migrations.upgrade(sqlite)

    with sqlite.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1


def test_a_row_that_refers_to_nothing_stops_a_migration(sqlite: Engine) -> None:
    """PostgreSQL never lets such a row in; SQLite must not check while it rebuilds a table."""
    plain = create_engine(sqlite.url)
    with plain.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO event_private (event_id, field, value, salt) "
                "VALUES ('00000000000000000000000000000000', 'address', '192.0.2.1', x'00')"
            )
        )
    plain.dispose()

    with pytest.raises(migrations.MigrationFailed):
        migrations.downgrade(sqlite, "-1")

    assert schema.current_revision(sqlite) == schema.head_revision()
    assert "pending_logins" in tables(sqlite)


@pytest.mark.parametrize("revision", ["nonsense", "-99", "head+1", "ac0f69334621:c9e7f7976a81"])
def test_a_revision_that_does_not_exist_changes_nothing(inhabited: Engine, revision: str) -> None:
    with pytest.raises(CommandError):
        migrations.downgrade(inhabited, revision)

    assert schema.current_revision(inhabited) == schema.head_revision()
    assert number(inhabited, "users") == 2


# The files


def test_the_migrations_are_one_line_of_files() -> None:
    assert len(set(REVISIONS)) == len(REVISIONS)
    assert REVISIONS[-1] == schema.head_revision()


def test_a_database_is_behind_a_release_level_with_it_or_ahead() -> None:
    *older, head = REVISIONS

    assert {schema.standing(revision) for revision in (None, *older)} == {Standing.BEHIND}
    assert schema.standing(head) is Standing.LEVEL
    assert schema.standing("ffffffffffff") is Standing.AHEAD


def test_every_migration_says_what_it_does() -> None:
    for revision, summary in migrations.history():
        assert len(revision) == 12
        assert summary.endswith(".")
