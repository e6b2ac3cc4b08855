"""Fixtures for faults."""

import pytest

from dev.faults.place import KINDS


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    """SQLite, then PostgreSQL."""
    kind: str = request.param
    return kind
