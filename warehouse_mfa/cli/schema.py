"""What commands say of a schema that is not that of this release. It needs no Alembic."""

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from warehouse_mfa import logs
from warehouse_mfa.cli.context import unusable
from warehouse_mfa.cli.speech import CommandFailed
from warehouse_mfa.db import schema
from warehouse_mfa.db.schema import Standing
from warehouse_mfa.i18n import _

log = logs.get(__name__)
BEHIND = _("The database is behind this release. Run `warehouse-mfa db upgrade`.")


def complain_if_behind(engine: Engine) -> None:
    """End the command when the schema is older than this release."""
    if is_behind(engine):
        raise CommandFailed(BEHIND)


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
        raise unusable(error) from error
