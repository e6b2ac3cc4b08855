"""Fixtures for all tests. Databases are real; a missing server fails with what to do."""

import logging
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.common.databases import KINDS, Databases
from tests.common.fresh import FreshDatabases
from tests.common.secrecy import SECRECY
from warehouse_mfa import logs

# As in production, but nothing is printed: pytest shows the records of a test that fails.
logs.configure()
logging.getLogger().handlers[:] = [SECRECY]


@pytest.fixture(scope="session")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    """Where databases come from. It has no parameter, with which it would begin anew in every file."""
    with ExitStack() as stack:
        yield Databases(stack, tmp_path_factory.mktemp("databases"))


@pytest.fixture(scope="session", params=KINDS)
def database_url(request: pytest.FixtureRequest, databases: Databases) -> Iterator[str]:
    """The URL of a migrated database; what uses it runs on SQLite and on PostgreSQL."""
    with databases.copy(request.param) as url:
        yield url


@pytest.fixture(scope="session", params=KINDS)
def fresh(request: pytest.FixtureRequest, databases: Databases) -> FreshDatabases:
    """New databases, of SQLite and of PostgreSQL."""
    return FreshDatabases(request.param, databases)


@pytest.fixture(autouse=True)
def _overheard() -> None:
    """Hear the log again after a test whose command has set it up for itself."""
    root = logging.getLogger()
    if SECRECY not in root.handlers:
        printing = {logging.StreamHandler}
        root.handlers[:] = [SECRECY, *(one for one in root.handlers if type(one) not in printing)]


@pytest.fixture(scope="session", autouse=True)
def _nothing_secret_is_left() -> Iterator[None]:
    """Look once more at the end: at what was shown after the last database was emptied."""
    yield
    SECRECY.check()
