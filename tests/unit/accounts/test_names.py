"""Usernames and addresses: what may be one, and which ones are the same."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from warehouse_mfa.accounts.names import (
    LONGEST_ADDRESS,
    address_key,
    is_username,
    parse_address,
    username_key,
)

any_text = st.text(st.characters(), max_size=300)
# Text that is nearly an address, so that examples reach the rules behind the first one.
near_address = st.builds(
    "{}@{}".format,
    st.text("aZ0.+-'\"@ é", min_size=0, max_size=70),
    st.text("aZ0.-_ üß\u0130\u200d\u3002:[]", min_size=0, max_size=70),
)
few = settings(max_examples=150, deadline=None)


# Usernames


@pytest.mark.parametrize("name", ["a", "0", "a1", "Alice", "a.b-c_d", "a--b", "x" * 50])
def test_a_username_is_letters_digits_and_marks_between_them(name: str) -> None:
    assert is_username(name)


@pytest.mark.parametrize(
    "name",
    [
        "",
        " ",
        "x" * 51,
        ".a",
        "a.",
        "-",
        "_a",
        "a b",
        "a\n",
        "a\0b",
        "a@b",
        "a/b",
        "ä",
        "a\u200db",
        "\u0430",
        "\uff41",
        "\u0661",
        "a\ud800",
    ],
)
def test_anything_else_is_no_username(name: str) -> None:
    assert not is_username(name)


@few
@given(any_text)
def test_a_username_is_ascii_and_has_itself_as_key_but_for_its_case(text: str) -> None:
    if is_username(text):
        assert text.isascii()
        assert username_key(text) == text.lower()


@few
@given(st.text("aZ09._-", max_size=52))
def test_the_key_of_a_username_is_a_username_again(text: str) -> None:
    assert is_username(username_key(text)) == is_username(text)


# Addresses


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("kim@example.org", "kim@example.org"),
        ("  kim@example.org\n", "kim@example.org"),
        ("Kim@Example.ORG", "Kim@example.org"),
        ("kim+index@example.org", "kim+index@example.org"),
        ("o'neil@example.org", "o'neil@example.org"),
        ("kim@sub.example.co.uk", "kim@sub.example.co.uk"),
        ("kim@localhost", "kim@localhost"),
        ("kim@bücher.example", "kim@xn--bcher-kva.example"),
        ("kim@BÜCHER.example", "kim@xn--bcher-kva.example"),
        ("kim@xn--bcher-kva.example", "kim@xn--bcher-kva.example"),
        ("kim@例え.jp", "kim@xn--r8jz45g.jp"),
        ("x" * 64 + "@example.org", "x" * 64 + "@example.org"),
    ],
)
def test_an_address_is_kept_as_typed_with_its_domain_in_ascii(typed: str, address: str) -> None:
    assert parse_address(typed) == address


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "@",
        "kim",
        "kim@",
        "@example.org",
        "kim@example",
        "kim@.example.org",
        "kim@example..org",
        "kim@example.org.",
        "kim@-example.org",
        "kim@example-.org",
        "kim@exa_mple.org",
        "kim@exam ple.org",
        "kim@[192.0.2.1]",
        "kim@example.org:25",
        ".kim@example.org",
        "kim.@example.org",
        "k..m@example.org",
        "k m@example.org",
        "k@m@example.org",
        '"kim"@example.org',
        "kim(comment)@example.org",
        "Kim <kim@example.org>",
        "kim@example.org, eve@example.org",
        "kim@example.org\nBcc: eve@example.org",
        "kim\0@example.org",
        "kïm@example.org",
        "x" * 65 + "@example.org",
        "kim@" + "x" * 64 + ".org",
        "kim@" + ".".join(["x" * 61] * 4) + ".org.uk",
        "kim@\ud800.org",
        "kim@\u200d.org",
    ],
)
def test_what_cannot_be_mailed_is_no_address(typed: str) -> None:
    assert parse_address(typed) is None


@few
@given(any_text | near_address)
def test_parsing_never_raises_and_gives_one_line_of_ascii(text: str) -> None:
    address = parse_address(text)

    if address is not None:
        assert address.isascii()
        assert address.isprintable()
        assert len(address) <= LONGEST_ADDRESS
        assert address.count("@") == 1


@few
@given(any_text | near_address)
def test_parsing_what_was_parsed_changes_nothing(text: str) -> None:
    address = parse_address(text)

    assert address is None or parse_address(address) == address


@few
@given(any_text | near_address)
def test_any_text_has_a_key_which_is_its_own_key(text: str) -> None:
    key = address_key(text)

    assert address_key(key) == key


@few
@given(near_address)
def test_an_address_has_the_key_of_every_spelling_of_it(text: str) -> None:
    address = parse_address(text)

    if address is not None:
        assert address_key(text) == address_key(address) == address_key(address.upper())
