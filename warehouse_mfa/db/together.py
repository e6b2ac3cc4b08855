"""Changes that need no answer at once, sent together: one statement of PostgreSQL.

A `WITH` may hold any number of changes. All of them see what was there before, and rules that refer
to other rows are looked at when all are made; no row may be changed by two of them. SQLite knows no
such thing, and is in this process: there it would save nothing.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from warehouse_mfa.db.driver import Driver
from warehouse_mfa.db.prepared import Prepared, Values

PLACEHOLDER = re.compile(r"%\((\w+)\)s")


class Change(NamedTuple):
    """One change, and what is raised unless it finds its row."""

    prepared: Prepared
    given: Values
    or_else: type[Exception] | None


def send_together(driver: Driver, changes: Sequence[Change]) -> None:
    """Make the changes, in any order, in the transaction of a connection.

    :raises DBAPIError: of the fitting kind; and what a change raises that found no row.
    """
    if len(changes) > 1 and driver.engine.name == "postgresql":
        parts = tuple([(change.prepared, change.or_else is not None) for change in changes])
        hits = _together(parts).send(driver, [change.given for change in changes])
        decisive = [change for change in changes if change.or_else is not None]
        for change, hit in zip(decisive, hits, strict=True):
            _look(change, hit)
        return
    for change in changes:
        _look(change, change.prepared.send(driver, change.given).rowcount)


def _look(change: Change, hit: int) -> None:
    if change.or_else is not None and hit != 1:
        raise change.or_else


class _Together:
    """Some changes as one text, which answers how many rows those found that must find one."""

    def __init__(self, parts: Sequence[tuple[Prepared, bool]]) -> None:
        named, counts = [], []
        for i, (prepared, is_decisive) in enumerate(parts):
            text = PLACEHOLDER.sub(rf"%({i}_\1)s", prepared.text)
            named.append(f"change_{i} AS ({text}{' RETURNING 1' if is_decisive else ''})")
            if is_decisive:
                counts.append(f"(SELECT count(*) FROM change_{i})")  # noqa: S608 - a number
        self._answers = bool(counts)
        self._text = f"WITH {', '.join(named)} SELECT {', '.join(counts) or '1'}"
        self._fixed = {
            f"{i}_{name}": value
            for i, (prepared, _) in enumerate(parts)
            for name, value in prepared.fixed.items()
        }
        self._moving = [
            [(f"{i}_{name}", key, convert) for name, key, convert in prepared.moving]
            for i, (prepared, _) in enumerate(parts)
        ]

    def send(self, driver: Driver, given: Sequence[Values]) -> Sequence[int]:
        values = self._fixed.copy()
        for own, moving in zip(given, self._moving, strict=True):
            for name, key, convert in moving:
                value = own[key]
                values[name] = value if convert is None else convert(value)
        cursor = driver.run(self._text, values)
        answer: Sequence[int] = cursor.fetchone()
        return answer if self._answers else ()


@lru_cache(maxsize=256)
def _together(parts: tuple[tuple[Prepared, bool], ...]) -> _Together:
    return _Together(parts)
