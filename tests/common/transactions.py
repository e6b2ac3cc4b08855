"""A session without a request, for tests of services that know none."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine

from warehouse_mfa.db import Session
from warehouse_mfa.db.manager import LateManager


@contextmanager
def transaction(engine: Engine) -> Iterator[Session]:
    """Yield a session in a transaction that commits when the block is over, unless it raises."""
    manager = LateManager()
    with manager:
        yield Session(engine, manager)


@contextmanager
def lasting_transaction(engine: Engine) -> Iterator[Session]:
    """Yield a session in a transaction that commits, whatever comes of the block."""
    manager = LateManager()
    manager.begin()
    try:
        yield Session(engine, manager)
    finally:
        manager.commit()
