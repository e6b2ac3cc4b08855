"""The languages there are, as Babel knows them, and which one a browser gets."""

import pytest
from babel import Locale
from pyramid.request import Request

from warehouse_mfa.i18n import direction_of, negotiate
from warehouse_mfa.i18n.languages import NAMES


@pytest.mark.parametrize(("language", "name"), NAMES)
def test_a_language_is_called_and_written_as_babel_has_it(language: str, name: str) -> None:
    locale = Locale.parse(language, sep="-")

    assert name == locale.get_display_name().title()
    assert direction_of(language) == locale.text_direction


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        (None, "en"),
        ("", "en"),
        ("fr", "fr"),
        ("ar-EG, fr;q=0.5", "ar"),
        ("de, fr;q=0.5", "fr"),
        ("de", "en"),
        ("fr;q=0, *", "en"),
        ("no list; at all", "en"),
    ],
)
def test_a_browser_gets_the_best_that_it_accepts(accepted: str | None, language: str) -> None:
    environ = {} if accepted is None else {"HTTP_ACCEPT_LANGUAGE": accepted}

    assert [negotiate(Request(environ)) for _ in range(2)] == [language, language]
