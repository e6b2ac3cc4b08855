"""Rows that hang on keys, and what an operator does with keys."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from translationstring import TranslationString
from zope.interface import Attribute, Interface

from warehouse_mfa.strings import _, in_english

NO_KEY = ""
"""The `key_id` of a row that was revoked: it hangs on nothing any more."""


@dataclass(frozen=True, slots=True)
class Batch:
    """What became of some rows that were to move to the current key."""

    last_id: UUID | None
    """Where to go on; `None` when there was nothing left."""
    resealed: int = 0
    unreadable: int = 0
    """Rows that do not open with the key that they name; they were left as they are."""


class IKeyedTable(Interface):
    """One table whose rows hang on keys, each naming its key in the column `key_id`.

    It works in the transaction of its caller, who commits between batches.
    """

    name = Attribute("Name of the table.")

    def rows() -> dict[str, int]:
        """Return how many rows hang on each key, by its id."""

    def revoke(key_id: str, most: int) -> int:
        """Make up to `most` rows of a key worthless, so that they hang on it no more.

        Records an event for each. Return how many they were, 0 when none is left.
        """


class ISealedTable(IKeyedTable):
    """A table whose rows hold sealed values, which can be encrypted again."""

    def reseal(after: UUID | None, most: int) -> Batch:
        """Encrypt up to `most` rows after that id again, under the current key.

        A row that somebody else changes meanwhile is left as it is.
        """

    def unreadable(most: int) -> int:
        """Return how many of the last `most` rows do not open with the key that they name."""


@dataclass(frozen=True, slots=True)
class KeyUsage:
    """A key and what hangs on it."""

    key_id: str
    is_current: bool
    is_in_ring: bool
    rows: Mapping[str, int]
    """Number of rows by table, without those of which there are none."""


@dataclass(frozen=True, slots=True)
class Rotation:
    """What a rotation did with one table."""

    table: str
    resealed: int | None
    """`None` for a table of digests, which stay as they are."""
    unreadable: int
    left: int
    """Rows that hang on another than the current key still."""


class KeyRefusal(Exception):
    """Base of what is refused about a key; `message` is one sentence for the operator."""

    def __init__(self, message: TranslationString) -> None:
        super().__init__(in_english(message))
        self.message = message


class NoSuchKey(KeyRefusal):
    """Neither the ring nor a row knows the key."""

    def __init__(self, key_id: str) -> None:
        super().__init__(_("There is no key ${key}.", mapping={"key": key_id}))


class KeyIsCurrent(KeyRefusal):
    """New rows are made with the key."""

    def __init__(self, key_id: str) -> None:
        super().__init__(
            _(
                "${key} is the current key. Put another one before it, restart, and try again.",
                mapping={"key": key_id},
            )
        )


class KeyInUse(KeyRefusal):
    """Rows hang on the key."""

    def __init__(self, key_id: str, rows: Mapping[str, int]) -> None:
        listed = ", ".join(f"{table}: {number}" for table, number in rows.items())
        super().__init__(
            _("Rows hang on the key ${key} (${rows}).", mapping={"key": key_id, "rows": listed})
        )


class IKeyService(Interface):
    """What an operator does with the keys of the ring."""

    def usage() -> list[KeyUsage]:
        """Return every key, current first, then those that only rows know."""

    def rotate() -> list[Rotation]:
        """Encrypt again, under the current key, every row that can be. Commits after each batch.

        It may be stopped at any moment and started again, and sites may serve meanwhile, if all of
        them hold the current key.
        """

    def release(key_id: str) -> None:
        """Make sure that nothing needs the key. :raises KeyRefusal: when something does."""

    def revoke(key_id: str) -> dict[str, int]:
        """Revoke every row that hangs on the key; return how many, by table.

        Commits after each batch. :raises NoSuchKey: :raises KeyIsCurrent: before anything is done.
        """
