"""The field of a new password carries the rules that it is judged by."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.common.registering import REGISTER, register
from tests.common.site import HTTPS, Site
from tests.common.visitor import Visitor


def field_of(visitor: Visitor) -> Any:
    return visitor.get(REGISTER, status=200).html.select_one("[data-new-password]")


@pytest.fixture
def optional_site(database_url: str) -> Iterator[Site]:
    """A site where a password may be the only factor."""
    site = Site(database_url, HTTPS, second_factor="optional", site_name='O\'Hara & "Sons" <b>')
    yield site
    site.reset()
    site.close()


def test_the_field_carries_length_words_and_sentences(site: Site, visitor: Visitor) -> None:
    field = field_of(visitor)

    assert (field["data-least"], field["data-most"]) == ("8", "4096")
    assert json.loads(field["data-words"]) == ["Package Index", site.settings.relying_party_id]
    assert field["data-beside"] == "username email"
    assert field["data-say-short"] == "Use at least 8 characters. So far: {count}."
    assert "At least 8 characters." in field.select_one(".field-hint").text


def test_where_a_password_stands_alone_the_field_says_so(optional_site: Site) -> None:
    visitor = optional_site.visitor()

    field = field_of(visitor)

    assert field["data-least"] == "15"
    assert field["data-say-short"].startswith("Use at least 15 characters.")
    assert "At least 15 characters." in field.select_one(".field-hint").text
    refused = register(visitor, new_password="kelp7 quartz!x", status=422)
    assert "Use at least 15 characters." in refused


def test_the_name_of_the_site_is_a_word_whatever_is_in_it(optional_site: Site) -> None:
    field = field_of(optional_site.visitor())

    assert json.loads(field["data-words"])[0] == 'O\'Hara & "Sons" <b>'


def test_a_refused_page_carries_the_rules_and_not_the_password(visitor: Visitor) -> None:
    page = register(visitor, new_password="password", status=422)

    assert page.html.select_one("[data-new-password]")["data-least"] == "8"
    assert not page.html.select_one("[name=new_password]").get("value")
    assert page.html.select_one("[data-new-password-status]").text == ""
