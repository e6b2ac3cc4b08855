"""What the site says in a language, found by what it says in English."""

import re
from functools import cache
from pathlib import Path

from babel.messages.pofile import read_po

from warehouse_mfa.strings import DOMAIN

CATALOGUES = Path("warehouse_mfa/locale")
# `%(name)s` in templates, `${name}` in Python, `{name}` in script.
VALUE = re.compile(r"%\(\w+\)s|\$\{\w+\}|\{\w+\}")
TAG = re.compile(r"<[^>]+>")


class Sentences:
    """The catalogue of one language, which is not English: that has nothing to translate."""

    def __init__(self, language: str) -> None:
        self._translations: dict[str, list[str]] = {}
        path = CATALOGUES / language / "LC_MESSAGES" / f"{DOMAIN}.po"
        with path.open("rb") as file:
            for message in read_po(file, locale=language, domain=DOMAIN):
                is_plural = isinstance(message.id, tuple)
                ids = message.id if is_plural else (message.id,)
                strings = message.string if is_plural else (message.string,)
                for english in ids:
                    self._translations[english] = list(strings)

    def whole(self, english: str) -> str:
        """Return a sentence without values.

        :raises KeyError: if the site says no such thing.
        """
        return self._translations[english][0]

    def part(self, english: str) -> re.Pattern[str]:
        """Return what finds a sentence, whatever its values, by a part of it.

        :raises KeyError: if the site says no such thing.
        """
        found = [
            text
            for sentence, texts in self._translations.items()
            if english in TAG.sub("", sentence)
            for text in texts
        ]
        if not found:
            raise KeyError(english)
        return re.compile("|".join(_with_any_value(text) for text in found))


def _with_any_value(sentence: str) -> str:
    literals = VALUE.split(TAG.sub("", sentence).replace("%%", "%"))
    return ".*".join(r"\s+".join(map(re.escape, literal.split(" "))) for literal in literals)


@cache
def sentences_in(language: str) -> Sentences:
    """Return the catalogue of a language, read once."""
    return Sentences(language)
