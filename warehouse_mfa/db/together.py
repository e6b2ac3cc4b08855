"""Changes that need no answer at once, sent together: one statement of PostgreSQL.

A `WITH` may hold any number of changes. All of them see what was there before, and rules that refer
to other rows are looked at when all are made; no row may be changed by two of them. SQLite knows no
such thing, and is in this process: there it would save nothing.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from warehouse_mfa.db.driver import Driver
from warehouse_mfa.db.prepared import Prepared, Values

PLACEHOLDER = re.compile(r"\$(\d+)")


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
        self._parts = [prepared for prepared, _ in parts]
        named, counts, before = [], [], 0
        for i, (prepared, is_decisive) in enumerate(parts):
            text = _counted_on(prepared.text, before)
            before += prepared.takes
            named.append(f"change_{i} AS ({text}{' RETURNING 1' if is_decisive else ''})")
            if is_decisive:
                counts.append(f"(SELECT count(*) FROM change_{i})")  # noqa: S608 - a number
        self._answers = bool(counts)
        self._text = f"WITH {', '.join(named)} SELECT {', '.join(counts) or '1'}"

    def send(self, driver: Driver, given: Sequence[Values]) -> Sequence[int]:
        values: list[Any] = []
        for prepared, own in zip(self._parts, given, strict=True):
            values += prepared.values(own)
        (answer,) = driver.run(self._text, values).fetchall()
        return answer if self._answers else ()


def _counted_on(text: str, before: int) -> str:
    """Return a text whose values come after as many others."""
    return PLACEHOLDER.sub(lambda found: f"${int(found[1]) + before}", text)


@lru_cache(maxsize=256)
def _together(parts: tuple[tuple[Prepared, bool], ...]) -> _Together:
    return _Together(parts)
