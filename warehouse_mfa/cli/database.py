"""`db`: the schema."""

import click
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

from warehouse_mfa.cli.context import CommandFailed, configured, load_settings
from warehouse_mfa.db import migrations


def bring_up_to_date(engine: Engine) -> None:
    """Migrate an empty or old database. Of several that try at once, one does it."""
    if migrations.current_revision(engine) != migrations.head_revision():
        _refuse_newer(engine)
        migrations.upgrade(engine)


def complain_if_behind(engine: Engine) -> None:
    """End the command when the schema is not that of this release."""
    _refuse_newer(engine)
    if _reached(engine) != migrations.head_revision():
        raise CommandFailed("The database is behind this release. Run `warehouse-mfa db upgrade`.")


def _refuse_newer(engine: Engine) -> None:
    current = _reached(engine)
    if current is not None and not migrations.is_known(current):
        raise CommandFailed(
            f"The database stands at {current}, which this release does not know: "
            "it was migrated by a newer one. Install that release."
        )


def _reached(engine: Engine) -> str | None:
    try:
        return migrations.current_revision(engine)
    except OperationalError as error:
        raise CommandFailed(f"The database does not answer: {error.orig}") from error


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
    migrations.upgrade(engine, revision)
    click.echo(f"The database stands at {migrations.current_revision(engine)}.")


@db.command()
@click.argument("revision")
def downgrade(revision: str) -> None:
    """Take the schema back to REVISION: "-1" for one step, "base" for nothing."""
    engine = _engine()
    _refuse_newer(engine)
    migrations.downgrade(engine, revision)
    click.echo(f"The database stands at {migrations.current_revision(engine) or 'nothing'}.")


@db.command()
def current() -> None:
    """Say where the schema stands."""
    click.echo(_reached(_engine()) or "nothing")


@db.command()
def check() -> None:
    """Say whether the schema is that of this release, and how it differs."""
    engine = _engine()
    complain_if_behind(engine)
    found = migrations.differences(engine)
    if found:
        raise CommandFailed("\n".join(["The database differs from this release:", *found]))
    click.echo("The database is that of this release.")


@db.command()
def history() -> None:
    """List the migrations, newest first."""
    for line in migrations.history():
        click.echo(line)
