"""What can be measured: our application, and the floor."""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from tests.common.clock import FrozenClock
from tests.common.people import Person
from warehouse_mfa.http.front import Application

ORIGIN = "https://pypi.example"
CHEAP = (8, 1, 1)
"""Argon2id that costs nothing, so that everything else shows: memory in KiB, passes, lanes."""
COSTLY = (19456, 2, 1)
"""The Argon2id that the goals are about."""


@dataclass
class Counts:
    """What was asked of the database. BEGIN, COMMIT, SAVEPOINT and PRAGMA are no statements."""

    statements: int = 0
    transactions: int = 0


class Subject(Protocol):
    """A WSGI application over a database of its own, with people who can log in to it."""

    @property
    def application(self) -> Application: ...

    @property
    def clock(self) -> FrozenClock: ...

    def counted(self) -> AbstractContextManager[Counts]:
        """Count what the block asks of the database."""

    def person(self, username: str, *, totp: bool = False, key: bool = False) -> Person:
        """Return somebody with a verified address and these factors."""

    def close(self) -> None: ...
