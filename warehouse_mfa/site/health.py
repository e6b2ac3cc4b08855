"""What readiness depends on."""

from limits.errors import StorageError
from pyramid.request import Request
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from warehouse_mfa import logs
from warehouse_mfa.db import schema
from warehouse_mfa.db.schema import Standing

log = logs.get(__name__)


def checks(request: Request) -> dict[str, str]:
    """Return each back end with "ok" or what is wrong with it."""
    return {
        "database": _database(request),
        "limiter": _limiter(request),
    }


def _database(request: Request) -> str:
    try:
        with request.registry["reading_engine"].connect() as connection:
            revision = connection.scalar(text("SELECT version_num FROM alembic_version"))
    except (DBAPIError, PoolTimeout) as error:
        log.warning("database not ready", error=type(error).__name__)
        return "unavailable"
    # One that is ahead is ready: while an upgrade rolls, the release before it goes on serving.
    is_behind = schema.standing(revision) is Standing.BEHIND
    return "schema is behind this release" if is_behind else "ok"


def _limiter(request: Request) -> str:
    try:
        is_there = request.registry["limits_storage"].check()
    except StorageError:
        is_there = False
    return "ok" if is_there else "unavailable"
