"""What readiness depends on."""

from limits.errors import StorageError
from pyramid.request import Request
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from warehouse_mfa import logs

log = logs.get(__name__)


def checks(request: Request, expected_revision: str) -> dict[str, str]:
    """Return each back end with "ok" or what is wrong with it."""
    return {
        "database": _database(request, expected_revision),
        "limiter": _limiter(request),
    }


def _database(request: Request, expected_revision: str) -> str:
    try:
        with request.registry["reading_engine"].connect() as connection:
            found = connection.scalar(text("SELECT version_num FROM alembic_version"))
    except (DBAPIError, PoolTimeout) as error:
        log.warning("database not ready", error=type(error).__name__)
        return "unavailable"
    return "ok" if found == expected_revision else "schema is not that of this release"


def _limiter(request: Request) -> str:
    try:
        is_there = request.registry["limits_storage"].check()
    except StorageError:
        is_there = False
    return "ok" if is_there else "unavailable"
