"""A sorted file is searched where it lies."""

from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from warehouse_mfa.breaches.digests import digest_of
from warehouse_mfa.breaches.file import FileOfBreaches, holds

MANY = sorted(digest_of(f"password {n}") for n in range(3_000))
numbers = st.integers(min_value=0, max_value=16**40 - 1)


def written(digests: list[str], end: str = "\n", count: str = ":7") -> BytesIO:
    return BytesIO("".join(f"{digest}{count}{end}" for digest in digests).encode())


@given(st.sets(numbers, max_size=300), numbers)
@settings(max_examples=60, deadline=None)
def test_what_is_in_the_file_is_found_and_nothing_else(known: set[int], other: int) -> None:
    lines = written(sorted(f"{number:040X}" for number in known))

    found = {number for number in {*known, other} if holds(lines, b"%040X" % number)}

    assert found == known


def test_each_of_thousands_is_found() -> None:
    lines = written(MANY)

    assert [digest for digest in MANY if not holds(lines, digest.encode())] == []


@pytest.mark.parametrize(("end", "count"), [("\r\n", ":7"), ("\n", ""), ("\n", ":123456789")])
def test_the_ways_in_which_such_files_are_written(end: str, count: str) -> None:
    lines = written(MANY, end, count)

    assert holds(lines, MANY[0].encode())
    assert holds(lines, MANY[-1].encode())
    assert not holds(lines, digest_of("none of them").encode())


def test_the_last_line_needs_no_end() -> None:
    lines = BytesIO("\n".join(MANY).encode())

    assert holds(lines, MANY[-1].encode())


def test_digits_in_lower_case_are_the_same_digits() -> None:
    lines = written([digest.lower() for digest in MANY])

    assert holds(lines, MANY[17].encode())


def test_few_reads_are_enough_for_a_large_file() -> None:
    class Counted(BytesIO):
        reads = 0

        def readline(self, size: int | None = -1, /) -> bytes:
            self.reads += 1
            return super().readline(size)

    lines = Counted(written(MANY).getvalue())

    holds(lines, MANY[1234].encode())

    assert lines.reads < 40


def test_a_password_of_the_file_is_known(tmp_path: Path) -> None:
    path = tmp_path / "breached"
    path.write_bytes(written(MANY).getvalue())
    breaches = FileOfBreaches(path)

    assert breaches.is_breached("password 12")
    assert not breaches.is_breached("password 3000")


def test_a_file_that_is_gone_knows_nothing(tmp_path: Path) -> None:
    assert not FileOfBreaches(tmp_path / "gone").is_breached("password 12")
