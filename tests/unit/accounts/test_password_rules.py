"""What a new password must be, and how any password is normalized."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from warehouse_mfa.accounts.interfaces import PasswordRefused
from warehouse_mfa.accounts.password_rules import (
    LONGEST,
    LONGEST_BYTES,
    SHORTEST,
    SHORTEST_ALONE,
    check,
    normalize,
)
from warehouse_mfa.accounts.strength import COMMON

ABOUT = ["newton", "newton@example.org", "newton", "Package Index", "pypi.example"]
STRONG = "tundra kelp 7 marmots"
any_text = st.text(st.characters(), max_size=200)
few = settings(max_examples=150, deadline=None)


def refusal(password: str, shortest: int = SHORTEST) -> str | None:
    """Return why a password is refused, `None` if it is not."""
    try:
        check(password, shortest=shortest, about=ABOUT)
    except PasswordRefused as refused:
        return str(refused.message.interpolate())
    return None


# Normalizing


@pytest.mark.parametrize(
    ("typed", "normalized"),
    [
        ("plain", "plain"),
        ("  blanks stay  ", "  blanks stay  "),
        ("Case Stays", "Case Stays"),
        ("a\u0308", "ä"),
        ("\u212b", "Å"),
        ("\U0001d54f", "X"),
        ("\uff41\uff11", "a1"),
        ("\ufb01", "fi"),
        ("…", "..."),
        ("", ""),
    ],
)
def test_a_password_is_normalized_by_nfkc_and_nothing_else(typed: str, normalized: str) -> None:
    assert normalize(typed) == normalized


@few
@given(any_text)
def test_normalizing_never_raises_on_a_short_text_and_is_done_once(text: str) -> None:
    once = normalize(text)

    assert normalize(once) == once


@few
@given(st.text(max_size=100), st.sampled_from(["NFC", "NFD", "NFKC", "NFKD"]))
def test_a_password_is_the_same_however_it_was_composed(text: str, form: str) -> None:
    assert normalize(unicodedata.normalize(form, text)) == normalize(text)


@pytest.mark.parametrize(
    "password",
    [
        "x" * LONGEST,
        "ä" * LONGEST,
        "a\u0308" * LONGEST,
        "\U0001d54f" * LONGEST,
        "\ufdfa" * (LONGEST // 18),
    ],
    ids=["ascii", "composed", "decomposed", "astral", "expanding"],
)
def test_a_password_may_have_4096_code_points_after_normalization(password: str) -> None:
    assert len(normalize(password)) <= LONGEST


@pytest.mark.parametrize(
    "password",
    [
        "x" * (LONGEST + 1),
        "…" * (LONGEST // 3 + 1),
        "\ufdfa" * (LONGEST // 18 + 1),
        "x" * (LONGEST_BYTES + 1),
        "\u0308" * (LONGEST_BYTES // 2 + 1),
    ],
    ids=["plain", "dots", "expanding", "bytes", "combining"],
)
def test_a_password_that_is_longer_is_refused(password: str) -> None:
    with pytest.raises(PasswordRefused):
        normalize(password)


@few
@given(st.integers(0, 3), st.sampled_from(["x", "ß", "…", "\ufdfa", "㌀", "e\u0301"]))
def test_length_is_counted_after_normalization(more: int, character: str) -> None:
    grown = len(unicodedata.normalize("NFKC", character))
    password = character * (LONGEST // grown - 1 + more)

    try:
        length = len(normalize(password))
    except PasswordRefused:
        length = LONGEST + 1

    assert (length <= LONGEST) == (more <= 1)


# Rules


def test_a_phrase_is_taken() -> None:
    assert refusal(STRONG) is None


@pytest.mark.parametrize("password", ["", "x", "xK4$ v9", "🜁🜂🜃🜄🝆🝊🜹"])
def test_a_short_password_is_refused(password: str) -> None:
    assert refusal(password) == "Use at least 8 characters."


def test_a_password_that_stands_alone_has_fifteen_characters() -> None:
    assert refusal("kelp7 quartz!x", SHORTEST_ALONE) == "Use at least 15 characters."
    assert refusal("kelp7 quartz!xy", SHORTEST_ALONE) is None


@pytest.mark.parametrize("password", [word.swapcase() for word in ABOUT if len(word) >= SHORTEST])
def test_name_address_and_site_are_refused_in_any_case(password: str) -> None:
    assert refusal(password) == (
        "Do not use your name, your address or the name of this site as password."
    )


@pytest.mark.parametrize(
    "password", [*sorted(word for word in COMMON if len(word) >= SHORTEST)[:20], "PASSWORD1"]
)
def test_a_common_password_is_refused_in_any_case(password: str) -> None:
    assert refusal(password) == "This is one of the passwords that are tried first. Use another."


@pytest.mark.parametrize(
    "password", ["newton12", "Newton@Example.org1", "abcdefgh2024", "aaaaaaaaaaaa", "a1" * 2048]
)
def test_a_password_that_is_easy_to_guess_is_refused(password: str) -> None:
    assert str(refusal(password)).startswith("This is easy to guess.")


@few
@given(any_text)
def test_judging_a_password_never_fails_in_another_way(text: str) -> None:
    refusal(normalize(text))
