"""Keys and the tables that hang on them, with a table of digests, which cannot move."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from zope.interface import implementer
from zope.interface.verify import verifyObject

from warehouse_mfa.crypto import KeyRing
from warehouse_mfa.db import IUnitOfWork
from warehouse_mfa.keys.interfaces import (
    IKeyedTable,
    IKeyService,
    KeyInUse,
    KeyUsage,
    Rotation,
)
from warehouse_mfa.keys.services import KeyService

RING = KeyRing([("k2", b"2" * 32), ("k1", b"1" * 32)], "https://pypi.example")


@implementer(IUnitOfWork)
class CountingWork:
    """Counts commits."""

    def __init__(self) -> None:
        self.commits = 0

    @contextmanager
    def paused(self) -> Iterator[None]:
        yield

    def commit(self) -> None:
        self.commits += 1


@implementer(IKeyedTable)
class Digests:
    """Keyed digests without a database: the key of each."""

    name = "digests"

    def __init__(self, *keys: str) -> None:
        self.keys = list(keys)

    def rows(self) -> dict[str, int]:
        return {key_id: self.keys.count(key_id) for key_id in self.keys}

    def revoke(self, key_id: str, most: int) -> int:
        found = [each for each in self.keys if each == key_id][:most]
        for each in found:
            self.keys.remove(each)
        return len(found)


@pytest.fixture
def work() -> CountingWork:
    return CountingWork()


def test_services_and_doubles_are_what_they_say(work: CountingWork) -> None:
    assert verifyObject(IKeyService, KeyService(work, RING, []))
    assert verifyObject(IKeyedTable, Digests())
    assert verifyObject(IUnitOfWork, work)


def test_digests_stay_with_their_key_when_others_move(work: CountingWork) -> None:
    digests = Digests("k1", "k1", "k2")

    done = KeyService(work, RING, [digests]).rotate()

    assert done == [Rotation("digests", resealed=None, unreadable=0, left=2)]
    assert digests.keys == ["k1", "k1", "k2"]


def test_rows_are_counted_by_table(work: CountingWork) -> None:
    codes, tokens = Digests("k1", "k0"), Digests("k2", "k1", "k1")
    tokens.name = "tokens"

    found = KeyService(work, RING, [codes, tokens]).usage()

    assert found == [
        KeyUsage("k2", is_current=True, is_in_ring=True, rows={"tokens": 1}),
        KeyUsage("k1", is_current=False, is_in_ring=True, rows={"digests": 1, "tokens": 2}),
        KeyUsage("k0", is_current=False, is_in_ring=False, rows={"digests": 1}),
    ]


def test_a_refusal_names_the_tables_and_the_numbers(work: CountingWork) -> None:
    codes, tokens = Digests("k1"), Digests("k1", "k1")
    tokens.name = "tokens"

    with pytest.raises(KeyInUse, match=r"on the key k1 \(digests: 1, tokens: 2\)\."):
        KeyService(work, RING, [codes, tokens]).release("k1")


def test_a_key_is_revoked_in_batches_each_of_which_lasts(work: CountingWork) -> None:
    digests = Digests(*["k1"] * 250, "k2")

    revoked = KeyService(work, RING, [digests]).revoke("k1")

    assert revoked == {"digests": 250}
    assert digests.keys == ["k2"]
    assert work.commits == 3


def test_without_tables_an_older_key_is_free(work: CountingWork) -> None:
    KeyService(work, RING, []).release("k1")
