"""`db`: the schema."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

import click
from alembic.util import CommandError
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from warehouse_mfa.accounts.interfaces import IRestorationService
from warehouse_mfa.cli.context import configured, load_settings, scope, sentence_of
from warehouse_mfa.cli.schema import complain_if_behind, is_behind, reached
from warehouse_mfa.cli.speech import CommandFailed, group, option, say, spoken
from warehouse_mfa.db import migrations, schema
from warehouse_mfa.db.schema import Standing
from warehouse_mfa.i18n import _


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
            _(
                "The database stands at ${revision}, which this release does not know: "
                "it was migrated by a newer one. Install that release.",
                mapping={"revision": current},
            )
        )


@contextmanager
def _saying_why() -> Iterator[None]:
    """End the command with a reason when a migration cannot be done; nothing was changed then."""
    try:
        yield
    except CommandError as error:
        raise _unchanged(error) from error
    except migrations.MigrationFailed as error:
        raise _unchanged(error.message) from error
    except DBAPIError as error:
        raise _unchanged(sentence_of(error)) from error


def _unchanged(reason: object) -> CommandFailed:
    return CommandFailed(_("Nothing was changed: ${reason}", mapping={"reason": reason}))


def _engine() -> Engine:
    # Configuring imports every model, which `check` compares with.
    engine: Engine = configured(load_settings()).registry["engine"]
    return engine


@group(help=_("The schema of the database."))
def db() -> None:
    pass


@db.command(help=_("Bring the schema up to date."))
@click.argument("revision", default="head")
def upgrade(revision: str) -> None:
    engine = _engine()
    _refuse_newer(engine)
    with _saying_why():
        migrations.upgrade(engine, revision)
    _say_where(engine)


def _say_where(engine: Engine) -> None:
    revision = schema.current_revision(engine) or _("nothing")
    say(_("The database stands at ${revision}.", mapping={"revision": revision}))


# "-1" is a revision here, and no option.
@db.command(
    context_settings={"ignore_unknown_options": True},
    help=_("Take the schema back to REVISION: `-1` for one step, `base` for nothing."),
)
@click.argument("revision")
def downgrade(revision: str) -> None:
    engine = _engine()
    _refuse_newer(engine)
    with _saying_why():
        migrations.downgrade(engine, revision)
    _say_where(engine)


@db.command(help=_("Say where the schema stands."))
def current() -> None:
    say(reached(_engine()) or _("nothing"))


@db.command(help=_("Say whether the schema is that of this release, and how it differs."))
def check() -> None:
    engine = _engine()
    _refuse_newer(engine)
    complain_if_behind(engine)
    found = migrations.differences(engine)
    if found:
        first = spoken(_("The database differs from this release:"))
        raise CommandFailed("\n".join([first, *found]))
    say(_("The database is that of this release."))


@db.command(
    help=_(
        "Make the database safe to serve after a backup was restored. Do so before serving.\n\n"
        "What was used up or ended after the backup looks unused again. For everybody, sessions, "
        "pending logins, mailed links and known devices end, and the codes that authenticator apps "
        "show at the moment count as used; people log in again."
    )
)
def restored() -> None:
    with scope() as request:
        complain_if_behind(request.registry["engine"])
        done: dict[str, int] = request.find_service(IRestorationService).restored()
    for what, number in done.items():
        say(_("${what}: ${number}", mapping={"what": what, "number": number}))


@db.command(help=_("List the migrations, newest first."))
@option("--json", "as_json", is_flag=True, help=_("Print JSON."))
def history(as_json: bool) -> None:
    found = migrations.history()
    if as_json:
        click.echo(json.dumps([migration._asdict() for migration in found], indent=2))
        return
    for migration in found:
        click.echo(f"{migration.revision} {migration.summary}")
