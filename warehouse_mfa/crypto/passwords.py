"""Password hashes: Argon2id, with older schemes verified and upgraded, one hash at once per core."""

import math
import os
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from passlib.context import CryptContext
from zope.interface import Interface, implementer

from warehouse_mfa.clock import IClock

QUEUE_SECONDS = 1.0  # longer than a second's work waits nobody: REQUIREMENTS.md, password hash
PARAMETERS = re.compile(r"argon2id:m=(?P<m>[0-9]{1,7}),t=(?P<t>[0-9]{1,3}),p=(?P<p>[0-9]{1,2})")


class HasherOverloaded(Exception):
    """More passwords wait to be hashed than can be served in a second."""


@dataclass(frozen=True, slots=True)
class HashParameters:
    """Cost of Argon2id: memory in KiB, passes, lanes. RFC 9106 §3.1."""

    memory_kib: int
    passes: int
    lanes: int

    @classmethod
    def parse(cls, text: str) -> "HashParameters":
        """Read `argon2id:m=47104,t=1,p=1`. :raises ValueError: if it reads otherwise."""
        match = PARAMETERS.fullmatch(text)
        if match is None:
            raise ValueError("It must read like argon2id:m=47104,t=1,p=1.")
        return cls(int(match["m"]), int(match["t"]), int(match["p"]))

    def is_weaker_than(self, other: "HashParameters") -> bool:
        """Compare the work an attacker has: memory times passes."""
        return self.memory_kib * self.passes < other.memory_kib * other.passes


RECOMMENDED = HashParameters(47104, 1, 1)  # OWASP Password Storage; ASVS 5.0 11.4.2
EQUIVALENT = HashParameters(19456, 2, 1)  # OWASP's second choice, same strength


@dataclass(frozen=True, slots=True)
class PasswordMatch:
    """What comparing a password with a stored hash gave."""

    matches: bool
    upgraded_hash: str | None
    """A hash by today's parameters when the stored one is weaker, else `None`."""


class IPasswordHasher(Interface):
    """Hashes passwords. Call it with no transaction open: it takes tens of milliseconds."""

    def hash(password: str) -> str:
        """Return the hash string. :raises HasherOverloaded: if too many wait."""

    def verify(password: str, stored: str | None) -> PasswordMatch:
        """Compare; `stored` is `None` for an unknown name, and takes as long.

        :raises HasherOverloaded: if too many wait.
        """


@implementer(IPasswordHasher)
class PasswordHasher:
    def __init__(self, parameters: HashParameters, clock: IClock, cores: int | None = None) -> None:
        self._context = CryptContext(
            ["argon2", "bcrypt", "pbkdf2_sha256", "pbkdf2_sha512"],
            deprecated="auto",
            argon2__type="ID",
            argon2__memory_cost=parameters.memory_kib,
            argon2__time_cost=parameters.passes,
            argon2__parallelism=parameters.lanes,
        )
        # passlib makes its dummy hash at the first use, which would tell the first unknown name.
        self._dummy_hash = self._context.hash("no password is this one")
        started = clock.monotonic()
        self._context.verify("measured", self._dummy_hash)
        seconds = max(clock.monotonic() - started, 0.0001)
        cores = cores or os.cpu_count() or 1
        self._slots = threading.Semaphore(cores)
        self._longest_queue = cores * max(1, math.floor(QUEUE_SECONDS / seconds))
        self._waiting = 0
        self._lock = threading.Lock()

    def hash(self, password: str) -> str:
        with self._turn():
            return self._context.hash(password)

    def verify(self, password: str, stored: str | None) -> PasswordMatch:
        with self._turn():
            if stored is None:
                self._context.verify(password, self._dummy_hash)
                return PasswordMatch(matches=False, upgraded_hash=None)
            matches, upgraded = self._context.verify_and_update(password, stored)
            return PasswordMatch(matches, upgraded)

    @contextmanager
    def _turn(self) -> Iterator[None]:
        with self._lock:
            if self._waiting >= self._longest_queue:
                raise HasherOverloaded
            self._waiting += 1
        try:
            with self._slots:
                yield
        finally:
            with self._lock:
                self._waiting -= 1
