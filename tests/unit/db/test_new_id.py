"""Identifiers of rows."""

from warehouse_mfa.db import new_id


def test_identifiers_sort_in_the_order_in_which_they_were_made() -> None:
    made = [new_id() for _ in range(5000)]

    assert made == sorted(set(made))


def test_an_identifier_is_a_uuid_of_version_7() -> None:
    made = new_id()

    assert (made.version, made.variant) == (7, "specified in RFC 4122")
