"""Fixtures for whole processes: operators, and new databases for them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from dev.services import Valkey
from tests.common.commands import Operator
from tests.common.fresh import FreshDatabases
from tests.common.site import CHEAP_HASH, KEYS
from tests.common.smtp import MailSink


@pytest.fixture
def newcomer(tmp_path: Path) -> Operator:
    """Somebody in an empty folder who has set nothing but `development`."""
    return Operator(tmp_path, environment="development")


@pytest.fixture
def developer(tmp_path: Path, fresh: FreshDatabases) -> Operator:
    """Somebody who develops on a database of their choice, with cheap hashes."""
    return Operator(
        tmp_path,
        environment="development",
        secret_keys=KEYS,
        password_hash=CHEAP_HASH,
        database_url=fresh.url(),
    )


@pytest.fixture
def administrator(tmp_path: Path, fresh: FreshDatabases) -> Operator:
    """Somebody who runs a site in production; its database is still empty."""
    return Operator(
        tmp_path,
        origin="https://pypi.example",
        secret_keys=KEYS,
        database_url=fresh.url(),
        smtp_url="smtp://localhost:9",
        mail_from="noreply@pypi.example",
        security_contact="mailto:security@pypi.example",
    )


@pytest.fixture
def valkey() -> Iterator[Valkey]:
    """A Valkey server, for limits and for tasks."""
    with Valkey() as server:
        yield server


@pytest.fixture
def sink() -> Iterator[MailSink]:
    """A mail server."""
    with MailSink() as sink:
        yield sink
