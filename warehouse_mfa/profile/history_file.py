"""The history as a file: for a spreadsheet, and for a program. Pure.

Sentences hold names that people chose, perhaps somebody who was in the account for a moment. A
spreadsheet computes what begins like a formula, and a formula can send what stands beside it.
"""

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from warehouse_mfa.events.interfaces import HistoryEntry
from warehouse_mfa.profile.history import Line

# OWASP, CSV Injection; the wide forms are computed, too.
FORMULA = tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")
MARK = "\ufeff"
"""Without it spreadsheets read UTF-8 as something else."""
COLUMNS = (
    "id",
    "happened_at",
    "event",
    "sentence",
    "is_warning",
    "is_new_browser",
    "address",
    "browser",
    "factor",
)


def row_of(entry: HistoryEntry, line: Line, say: Callable[[Any], str]) -> dict[str, Any]:
    """Return what is told of an event; `say` puts a marked string into the reader's language."""
    return {
        "id": str(entry.id),
        "happened_at": entry.happened_at.isoformat().replace("+00:00", "Z"),
        "event": entry.tag,
        "sentence": say(line.sentence),
        "is_warning": line.is_warning,
        "is_new_browser": line.is_new_browser,
        "address": line.address,
        "browser": say(line.browser) if line.browser else None,
        "factor": say(line.factor) if line.factor else None,
        "facts": entry.facts,
    }


def as_csv(rows: Iterable[dict[str, Any]]) -> Iterator[bytes]:
    """Yield a table, in UTF-8, its lines as RFC 4180 has them."""
    yield _line(COLUMNS, MARK)
    for row in rows:
        yield _line(_harmless(row[column]) for column in COLUMNS)


def as_json(rows: Iterable[dict[str, Any]]) -> Iterator[bytes]:
    """Yield one object, `{"events": […]}`, an event a line."""
    separator = '{"events": ['
    for row in rows:
        yield f"{separator}\n{json.dumps(row, ensure_ascii=False)}".encode()
        separator = ","
    yield b'{"events": []}\n' if separator != "," else b"\n]}\n"


def _line(cells: Iterable[str], before: str = "") -> bytes:
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL).writerow(cells)
    return (before + text.getvalue()).encode()


def _harmless(value: Any) -> str:
    """Return a value as text that a spreadsheet shows and does not compute."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case _:
            text = str(value)
            return f"'{text}" if text.lstrip(" ").startswith(FORMULA) else text
