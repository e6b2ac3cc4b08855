"""A real Valkey for the tests of limiters."""

from collections.abc import Iterator

import pytest

from dev.services import Valkey


@pytest.fixture(scope="module")
def valkey() -> Iterator[Valkey]:
    with Valkey() as server:
        yield server
