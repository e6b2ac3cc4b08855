"""Fixtures for unit tests: real databases."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from tests.common.databases import KINDS, empty
from tests.common.fresh import FreshDatabases, fresh_databases
from warehouse_mfa.db import create_engine


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """An engine on a migrated database, which is empty again afterwards."""
    engine = create_engine(database_url)
    yield engine
    empty(engine)
    engine.dispose()


@pytest.fixture(scope="session", params=KINDS)
def fresh(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[FreshDatabases]:
    """New databases, of SQLite and of PostgreSQL."""
    with fresh_databases(request.param, tmp_path_factory.mktemp("fresh")) as databases:
        yield databases
