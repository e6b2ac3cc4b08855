"""Fixtures for unit tests: real databases."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from tests.common.databases import empty
from warehouse_mfa.db import create_engine


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """An engine on a migrated database, which is empty again afterwards."""
    engine = create_engine(database_url)
    yield engine
    empty(engine)
    engine.dispose()
