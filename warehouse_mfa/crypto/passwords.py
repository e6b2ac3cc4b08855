"""Password hashes: Argon2id, with older schemes verified and upgraded, one hash at once per core."""

import math
import os
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NamedTuple

from passlib.context import CryptContext
from passlib.hash import argon2
from zope.interface import Interface, implementer

from warehouse_mfa import logs
from warehouse_mfa.clock import IClock
from warehouse_mfa.crypto.argon2 import FASTEST
from warehouse_mfa.strings import Unreadable, _

log = logs.get(__name__)
QUEUE_SECONDS = 1.0  # longer than a second's work waits nobody: REQUIREMENTS.md, password hash
BCRYPT_BYTES = 72  # bcrypt reads no more, and its package refuses what is longer
PARAMETERS = re.compile(r"argon2id:m=(?P<m>[0-9]{1,7}),t=(?P<t>[0-9]{1,3}),p=(?P<p>[0-9]{1,2})")


class HasherOverloaded(Exception):
    """More passwords wait to be hashed than can be served in a second."""


class HashParameters(NamedTuple):
    """Cost of Argon2id: memory in KiB, passes, lanes. RFC 9106 §3.1."""

    memory_kib: int
    passes: int
    lanes: int

    @classmethod
    def parse(cls, text: str) -> "HashParameters":
        """Read `argon2id:m=47104,t=1,p=1`. :raises Unreadable: if it reads otherwise."""
        match = PARAMETERS.fullmatch(text)
        if match is None:
            raise Unreadable(_("write it like argon2id:m=47104,t=1,p=1"))
        memory_kib, passes, lanes = int(match["m"]), int(match["t"]), int(match["p"])
        if not passes or not lanes or memory_kib < 8 * lanes:
            raise Unreadable(_("give it a pass, a lane, and 8 KiB of memory for each lane"))
        return cls(memory_kib, passes, lanes)

    def __str__(self) -> str:
        return f"argon2id:m={self.memory_kib},t={self.passes},p={self.lanes}"

    @property
    def is_weak(self) -> bool:
        """Tell whether this is less than what OWASP asks for, either way."""
        return all(self.is_weaker_than(least) for least in (RECOMMENDED, EQUIVALENT))

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
    def __init__(
        self,
        parameters: HashParameters,
        clock: IClock,
        cores: int | None = None,
        argon2_scheme: Any = FASTEST,
    ) -> None:
        self._parameters = parameters
        self._context = CryptContext(
            [argon2_scheme, "bcrypt", "pbkdf2_sha256", "pbkdf2_sha512"],
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
            if stored is not None:
                try:
                    return self._compare(password, stored)
                except ValueError as error:
                    # To whoever types it, a hash that nobody can read is a wrong password.
                    log.error("stored hash not usable", error=type(error).__name__)
            self._context.verify(password, self._dummy_hash)
            return PasswordMatch(matches=False, upgraded_hash=None)

    def _compare(self, password: str, stored: str) -> PasswordMatch:
        read = password.encode()[:BCRYPT_BYTES] if stored.startswith("$2") else password
        matches = self._context.verify(read, stored)
        is_old = matches and self._is_weaker(stored)
        return PasswordMatch(matches, self._context.hash(password) if is_old else None)

    def _is_weaker(self, stored: str) -> bool:
        if not stored.startswith("$argon2id$v=19$"):
            return True
        # passlib would also replace a stronger one, when the setting was lowered.
        known = argon2.from_string(stored)
        cost = HashParameters(known.memory_cost, known.rounds, known.parallelism)
        return cost.is_weaker_than(self._parameters)

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
