"""Somebody at a shell, without a process of their own."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.common.fresh import FreshDatabases
from tests.common.shell import Shell
from tests.common.site import CHEAP_HASH, KEYS
from warehouse_mfa.settings import PREFIX


@pytest.fixture
def shell(tmp_path: Path, fresh: FreshDatabases) -> Iterator[Shell]:
    """A shell with a database that is still empty."""
    assert not any(name.startswith(PREFIX) for name in os.environ)
    return Shell(
        tmp_path,
        environment="development",
        secret_keys=KEYS,
        password_hash=CHEAP_HASH,
        database_url=fresh.url(),
    )


@pytest.fixture
def clerk(tmp_path: Path, database_url: str, engine: Engine) -> Shell:
    """A shell with a database of this release, in which there is nobody yet."""
    return Shell(
        tmp_path,
        environment="development",
        secret_keys=KEYS,
        password_hash=CHEAP_HASH,
        database_url=database_url,
    )


@pytest.fixture
def bare(tmp_path: Path) -> Shell:
    """A shell in an empty folder with nothing set."""
    return Shell(tmp_path)
