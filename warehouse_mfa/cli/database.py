"""`db`: the schema."""

from collections.abc import Iterator
from contextlib import contextmanager

import click
from alembic.util import CommandError
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from warehouse_mfa.accounts.interfaces import IRestorationService
from warehouse_mfa.cli.context import CommandFailed, configured, load_settings, scope, sentence_of
from warehouse_mfa.cli.schema import complain_if_behind, is_behind, reached
from warehouse_mfa.db import migrations, schema
from warehouse_mfa.db.schema import Standing


def bring_up_to_date(engine: Engine) -> None:
    """Migrate an empty or old database. Of several that try at once, one does it."""
    if is_behind(engine):
        with _saying_why():
            migrations.upgrade(engine)


def _refuse_newer(engine: Engine) -> None:
    """End a command that only a release which knows the schema can do."""
    current = reached(engine)
    if schema.standing(current) is Standing.AHEAD:
        raise CommandFailed(
            f"The database stands at {current}, which this release does not know: "
            "it was migrated by a newer one. Install that release."
        )


@contextmanager
def _saying_why() -> Iterator[None]:
    """End the command with a reason when a migration cannot be done; nothing was changed then."""
    try:
        yield
    except (CommandError, migrations.MigrationFailed) as error:
        raise CommandFailed(f"Nothing was changed: {error}") from error
    except DBAPIError as error:
        raise CommandFailed(f"Nothing was changed: {sentence_of(error)}") from error


def _engine() -> Engine:
    # Configuring imports every model, which `check` compares with.
    engine: Engine = configured(load_settings()).registry["engine"]
    return engine


@click.group()
def db() -> None:
    """The schema of the database."""


@db.command()
@click.argument("revision", default="head")
def upgrade(revision: str) -> None:
    """Bring the schema up to date."""
    engine = _engine()
    _refuse_newer(engine)
    with _saying_why():
        migrations.upgrade(engine, revision)
    click.echo(f"The database stands at {schema.current_revision(engine)}.")


# "-1" is a revision here, and no option.
@db.command(context_settings={"ignore_unknown_options": True})
@click.argument("revision")
def downgrade(revision: str) -> None:
    """Take the schema back to REVISION: "-1" for one step, "base" for nothing."""
    engine = _engine()
    _refuse_newer(engine)
    with _saying_why():
        migrations.downgrade(engine, revision)
    click.echo(f"The database stands at {schema.current_revision(engine) or 'nothing'}.")


@db.command()
def current() -> None:
    """Say where the schema stands."""
    click.echo(reached(_engine()) or "nothing")


@db.command()
def check() -> None:
    """Say whether the schema is that of this release, and how it differs."""
    engine = _engine()
    _refuse_newer(engine)
    complain_if_behind(engine)
    found = migrations.differences(engine)
    if found:
        raise CommandFailed("\n".join(["The database differs from this release:", *found]))
    click.echo("The database is that of this release.")


@db.command()
def restored() -> None:
    """Make the database safe to serve after a backup was restored. Do so before serving.

    What was used up or ended after the backup looks unused again. For everybody, sessions, pending
    logins, mailed links and known devices end, and the codes that authenticator apps show at the
    moment count as used; people log in again.
    """
    with scope() as request:
        complain_if_behind(request.registry["engine"])
        done: dict[str, int] = request.find_service(IRestorationService).restored()
    for what, number in done.items():
        click.echo(f"{what}: {number}")


@db.command()
def history() -> None:
    """List the migrations, newest first."""
    for line in migrations.history():
        click.echo(line)
