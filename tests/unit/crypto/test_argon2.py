"""Argon2id by argon2-cffi and by libsodium: one kind of string, whoever writes and whoever reads it."""

from typing import Any

import pytest
from passlib.context import CryptContext
from passlib.hash import argon2

from tests.common.watching import hashes
from warehouse_mfa.crypto.argon2 import FASTEST, LibsodiumArgon2

SCHEMES = [argon2, LibsodiumArgon2]
NAMES = ["argon2-cffi", "libsodium"]
PASSWORD = "pässword with NUL \0 inside"


def context(scheme: Any, memory_kib: int = 64, passes: int = 1, lanes: int = 1) -> CryptContext:
    return CryptContext(
        [scheme],
        argon2__type="ID",
        argon2__memory_cost=memory_kib,
        argon2__time_cost=passes,
        argon2__parallelism=lanes,
    )


def test_libsodium_is_taken_where_it_is_installed() -> None:
    assert FASTEST is LibsodiumArgon2


@pytest.mark.parametrize("reader", SCHEMES, ids=NAMES)
@pytest.mark.parametrize("writer", SCHEMES, ids=NAMES)
@pytest.mark.parametrize(
    ("memory_kib", "passes", "lanes"), [(8, 1, 1), (64, 3, 1), (64, 1, 2), (32, 2, 4)]
)
def test_each_reads_what_the_other_writes(
    writer: Any, reader: Any, memory_kib: int, passes: int, lanes: int
) -> None:
    stored = context(writer, memory_kib, passes, lanes).hash(PASSWORD)

    assert stored.startswith(f"$argon2id$v=19$m={memory_kib},t={passes},p={lanes}$")
    assert [len(part) for part in stored.split("$")[4:]] == [22, 43]
    assert context(reader).verify(PASSWORD, stored)
    assert not context(reader).verify(PASSWORD[:-1], stored)


@pytest.mark.parametrize(
    "options",
    [{"type": "I"}, {"type": "D"}, {"parallelism": 2}, {"salt_size": 24}, {"digest_size": 24}],
    ids=str,
)
def test_what_libsodium_does_not_take_is_read_all_the_same(options: dict[str, Any]) -> None:
    stored = argon2.using(**{"type": "ID", "memory_cost": 64, **options}).hash(PASSWORD)

    assert context(LibsodiumArgon2).verify(PASSWORD, stored)
    assert not context(LibsodiumArgon2).verify(PASSWORD + "x", stored)


def test_libsodium_does_the_work_that_was_asked_for() -> None:
    scheme = context(LibsodiumArgon2, 128, 2)

    with hashes() as computed:
        scheme.verify(PASSWORD, scheme.hash(PASSWORD))

    assert computed == ["m=128,t=2,p=1", "m=128,t=2,p=1"]


@pytest.mark.parametrize("scheme", SCHEMES, ids=NAMES)
def test_none_takes_more_than_passlib_does(scheme: Any) -> None:
    stored = context(scheme).hash(PASSWORD)

    with pytest.raises(ValueError, match="maximum"):
        context(scheme).hash("x" * 4097)
    with pytest.raises(ValueError, match="maximum"):
        context(scheme).verify("x" * 4097, stored)


@pytest.mark.parametrize("scheme", SCHEMES, ids=NAMES)
@pytest.mark.parametrize("number", [4, 5], ids=["salt", "digest"])
def test_base64_with_bits_to_spare_is_no_hash_of_ours(scheme: Any, number: int) -> None:
    parts = context(scheme).hash(PASSWORD).split("$")
    parts[number] = parts[number][:-1] + chr(ord(parts[number][-1]) + 1)

    with pytest.raises(ValueError, match=r"argon2|malformed"):
        context(scheme).verify(PASSWORD, "$".join(parts))
