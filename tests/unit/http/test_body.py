"""Reading fields and JSON strictly: text that means one thing, or a refusal."""

import json
from contextlib import suppress
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from warehouse_mfa.http import BadInput
from warehouse_mfa.http.body import MOST_FIELDS, parse_fields, parse_object

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**64), 2**64) | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)


@settings(deadline=None)
@given(fields=st.dictionaries(TEXT, TEXT, max_size=10))
def test_what_a_browser_encodes_is_read_as_it_was(fields: dict[str, str]) -> None:
    assert dict(parse_fields(urlencode(fields))) == fields


@settings(deadline=None)
@given(encoded=st.text(max_size=60) | st.binary(max_size=60).map(lambda raw: raw.decode("latin-1")))
def test_any_other_text_is_read_or_refused(encoded: str) -> None:
    with suppress(BadInput):
        fields = parse_fields(encoded)
        assert len(set(fields)) == len(fields)
        assert all("\0" not in name + value for name, value in fields.items())


@pytest.mark.parametrize(
    ("encoded", "reason"),
    [
        ("a=1&a=2", "field-twice"),
        ("a=1&%61=2", "field-twice"),
        ("a&a", "field-twice"),
        ("=1&=2", "field-twice"),
        ("a=%00", "nul"),
        ("%00=a", "nul"),
        ("a=%ff", "encoding"),
        ("a=%c3%28", "encoding"),
        ("a=%f8%88%80%80%80", "encoding"),
        ("a=\xe9", "encoding"),
        ("&".join(f"a{number}=" for number in range(MOST_FIELDS + 1)), "encoding"),
    ],
)
def test_what_is_not_clear_is_refused_with_its_reason(encoded: str, reason: str) -> None:
    with pytest.raises(BadInput) as refusal:
        parse_fields(encoded)

    assert refusal.value.reason == reason


def test_a_semicolon_separates_nothing() -> None:
    assert dict(parse_fields("a=1;b=2")) == {"a": "1;b=2"}


def test_a_hundred_fields_are_read() -> None:
    encoded = "&".join(f"a{number}=" for number in range(MOST_FIELDS))

    assert len(parse_fields(encoded)) == MOST_FIELDS


@settings(deadline=None)
@given(value=JSON_VALUES)
def test_an_object_is_read_as_it_was_and_nothing_else_is(value: object) -> None:
    text = json.dumps(value)

    try:
        found = parse_object(text)
    except BadInput:
        assert not isinstance(value, dict) or has_surrogate(value)
    else:
        assert repr(found) == repr(value)


@settings(deadline=None)
@given(text=st.text(max_size=80))
def test_any_text_is_an_object_or_refused(text: str) -> None:
    with suppress(BadInput):
        assert isinstance(parse_object(text), dict)


@pytest.mark.attack("P-067")
@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "5",
        "[]",
        '"{}"',
        "{",
        "{}{}",
        '{"a": 1, "a": 2}',
        '{"a": {"b": 1, "b": 2}}',
        '{"a": "\\ud800"}',
        '{"\\udfff": 1}',
        "[" * 200_000,
        '{"a":' * 100_000,
        '{"a": ' + "[" * 60_000 + "]" * 60_000 + "}",
        '{"a": ' + "9" * 5_000 + "}",
        "\ufeff{}",
        "{'a': 1}",
        '{"a": 1,}',
    ],
    ids=lambda text: text[:12] or "empty",
)
def test_what_is_no_object_is_refused(text: str) -> None:
    with pytest.raises(BadInput):
        parse_object(text)


def has_surrogate(value: object) -> bool:
    return any(
        0xD800 <= ord(character) <= 0xDFFF for character in json.dumps(value, ensure_ascii=False)
    )
