"""What ceremonies are about, and their refusals."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

T = TypeVar("T")


class CeremonyRefused(Exception):
    """The answer does not prove what it should. The text is for the log, not for a page."""


class CounterDidNotRise(CeremonyRefused):
    """The sign count is not above the last one: somebody may have a copy of the key. L3 §6.1.1."""


class NotDiscoverable(CeremonyRefused):
    """The client says that the new credential cannot be found without its id. L3 §10.1.3."""


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """Who we are. L3 §4, Relying Party."""

    id: str
    name: str
    origin: str


@dataclass(frozen=True, slots=True)
class UserAccount:
    """Who registers. L3 §5.4.3."""

    handle: bytes
    name: str
    display_name: str


@dataclass(frozen=True, slots=True)
class KnownCredential:
    """A credential of an account, as ceremonies name it."""

    id: bytes
    transports: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StoredCredential:
    """What verification needs to know of the one credential that answers."""

    id: bytes
    public_key: bytes
    """COSE_Key, as it was sent."""
    sign_count: int
    is_backup_eligible: bool
    user_handle: bytes


@dataclass(frozen=True, slots=True)
class NewCredential:
    """A credential that was just made."""

    id: bytes
    public_key: bytes
    sign_count: int
    transports: tuple[str, ...]
    aaguid: UUID
    is_backup_eligible: bool
    is_backed_up: bool
    is_user_verified: bool


@dataclass(frozen=True, slots=True)
class Assertion:
    """What a verified assertion says."""

    sign_count: int
    is_backed_up: bool
    is_user_verified: bool


def guarded(verify: Callable[[], T]) -> T:
    """Turn whatever the library raises into a refusal.

    Under mutated input it lets ValueError, KeyError, TypeError, RecursionError and others through.
    """
    try:
        return verify()
    except CeremonyRefused:
        raise
    except Exception as error:
        raise CeremonyRefused(f"{type(error).__name__}: {error}"[:300]) from error
