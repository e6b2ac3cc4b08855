"""A sorted file of SHA-1 digests, searched where it lies: it may be tens of gigabytes long.

Each line is 40 hexadecimal digits, and may go on with a colon and a count.
"""

from pathlib import Path
from typing import BinaryIO

from zope.interface import implementer

from warehouse_mfa import logs
from warehouse_mfa.breaches.digests import digest_of
from warehouse_mfa.breaches.interfaces import IPasswordBreachService

log = logs.get(__name__)
DIGITS = 40
LONGEST_LINE = 64
BLOCK = 4096
"""What is read one line after another in the end, in bytes."""


@implementer(IPasswordBreachService)
class FileOfBreaches:
    def __init__(self, path: Path) -> None:
        self._path = path

    def is_breached(self, password: str) -> bool:
        try:
            with self._path.open("rb") as lines:
                return holds(lines, digest_of(password).encode())
        except OSError as error:
            log.error("file of breached passwords not usable", error=str(error))
            return False


def holds(lines: BinaryIO, digest: bytes) -> bool:
    """Tell whether a line of a sorted file begins with `digest`, in some thirty reads."""
    low, high = 0, lines.seek(0, 2)
    # What is looked for begins at `low` or after it, and before `high`.
    while high - low > BLOCK:
        middle = (low + high) // 2
        lines.seek(middle)
        lines.readline(LONGEST_LINE)  # the rest of a line
        start = lines.tell()
        line = lines.readline(LONGEST_LINE)
        if start >= high or not line or line[:DIGITS].upper() > digest:
            high = middle
        elif line[:DIGITS].upper() == digest:
            return True
        else:
            low = start
    lines.seek(low)
    return any(
        line[:DIGITS].upper() == digest
        for line in lines.read(high - low + LONGEST_LINE).splitlines()
    )
