"""Alembic, driven by us: one transaction and one lock around all of it, on both databases."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import StringIO
from typing import NamedTuple

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

from warehouse_mfa.db.engine import BUSY_SECONDS
from warehouse_mfa.db.models import Base
from warehouse_mfa.paths import data_dir
from warehouse_mfa.strings import _

ADVISORY_LOCK = 0x4D464101  # any constant; "MFA", 1
MIGRATING_SECONDS = 120
"""How long a migration of SQLite waits for another one, which may have large tables to copy."""


class MigrationFailed(Exception):
    """A migration left the database in a state that it must not keep; nothing was changed."""

    message = _("A row refers to one that does not exist.")


def _config(connection: Connection | None = None, output: StringIO | None = None) -> Config:
    config = Config(stdout=output or StringIO())
    config.set_main_option("script_location", str(data_dir("migrations")).replace("%", "%%"))
    config.set_main_option("version_path_separator", "os")
    # Newest last in a listing of the folder: 2026_12_01_add_totp_applications.py
    config.set_main_option("file_template", "%%(year)d_%%(month).2d_%%(day).2d_%%(slug)s")
    config.attributes["connection"] = connection
    config.attributes["target_metadata"] = Base.metadata
    return config


def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config())


@contextmanager
def _locked(engine: Engine) -> Iterator[Connection]:
    """Yield a connection in the one transaction that may migrate now; the others wait."""
    is_sqlite = engine.dialect.name == "sqlite"
    with engine.connect() as connection:
        if is_sqlite:
            # Rebuilding a table drops it for a moment, which would cascade. It has no effect
            # inside a transaction, and the driver begins none by itself.
            connection.connection.cursor().execute("PRAGMA foreign_keys=OFF")
            _wait_for_others(connection, MIGRATING_SECONDS)
        try:
            with connection.begin():
                if not is_sqlite:
                    connection.execute(
                        text("SELECT pg_advisory_xact_lock(:key)"), {"key": ADVISORY_LOCK}
                    )
                yield connection
                if is_sqlite and connection.exec_driver_sql("PRAGMA foreign_key_check").first():
                    raise MigrationFailed
        finally:
            if is_sqlite:
                connection.connection.cursor().execute("PRAGMA foreign_keys=ON")
                _wait_for_others(connection, BUSY_SECONDS)


def _wait_for_others(connection: Connection, seconds: int) -> None:
    connection.connection.cursor().execute(f"PRAGMA busy_timeout={seconds * 1000}")


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Bring the schema to `revision`. Doing it again changes nothing."""
    with _locked(engine) as connection:
        command.upgrade(_config(connection), revision)


def downgrade(engine: Engine, revision: str) -> None:
    """Take the schema back to `revision` ("base" for nothing, "-1" for one step)."""
    with _locked(engine) as connection:
        command.downgrade(_config(connection), revision)


def differences(engine: Engine) -> list[str]:
    """Return how the models and the database differ, a line each; none when they agree."""
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True}
        )
        return [str(difference) for difference in compare_metadata(context, Base.metadata)]


class Migration(NamedTuple):
    """One step of the schema."""

    revision: str
    summary: str


def history() -> list[Migration]:
    """Return the migrations, newest first."""
    return [Migration(script.revision, script.doc) for script in _scripts().walk_revisions()]


def write_revision(engine: Engine, message: str) -> str:
    """Write a migration from the difference between models and database; return its path."""
    made: Callable[..., object] = command.revision
    with _locked(engine) as connection:
        script = made(_config(connection), message=message, autogenerate=True)
    return str(getattr(script, "path", ""))
