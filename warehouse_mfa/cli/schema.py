"""What commands say of a schema that is not that of this release. It needs no Alembic."""

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from warehouse_mfa import logs
from warehouse_mfa.cli.context import CommandFailed, sentence_of
from warehouse_mfa.db import schema
from warehouse_mfa.db.schema import Standing

log = logs.get(__name__)


def complain_if_behind(engine: Engine) -> None:
    """End the command when the schema is older than this release."""
    if is_behind(engine):
        raise CommandFailed("The database is behind this release. Run `warehouse-mfa db upgrade`.")


def is_behind(engine: Engine) -> bool:
    """Tell whether the schema is older than this release."""
    current = reached(engine)
    standing = schema.standing(current)
    if standing is Standing.AHEAD:
        # The last machine of an upgrade may start once more: migrations leave it working.
        log.warning("database of a newer release", revision=current)
    return standing is Standing.BEHIND


def reached(engine: Engine) -> str | None:
    """Return where the schema stands, or end the command when the database does not answer."""
    try:
        return schema.current_revision(engine)
    except DBAPIError as error:
        raise CommandFailed(f"The database cannot be used: {sentence_of(error)}") from error
