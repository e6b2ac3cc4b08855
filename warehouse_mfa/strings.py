"""Marking strings for translation, wherever they stand; `i18n` translates them."""

from collections.abc import Callable
from typing import Any

from translationstring import TranslationString, TranslationStringFactory

DOMAIN = "warehouse_mfa"

_: Callable[..., TranslationString] = TranslationStringFactory(DOMAIN)


class PluralString:
    """A sentence that depends on a number, to be translated later."""

    def __init__(self, singular: str, plural: str, number: int, **mapping: Any) -> None:
        self.singular = singular
        self.plural = plural
        self.number = number
        self.mapping = {"n": number, **mapping}


def ngettext(singular: str, plural: str, number: int, **mapping: Any) -> PluralString:
    """Mark a sentence with a number, `${n}`."""
    return PluralString(singular, plural, number, **mapping)


def in_english(text: Any) -> str:
    """Return a marked string as it was written, with its values: for logs, and for machines."""
    if isinstance(text, PluralString):
        sentence = text.singular if text.number == 1 else text.plural
        return in_english(TranslationString(sentence, mapping=text.mapping))
    if not isinstance(text, TranslationString):
        return str(text)
    values = {name: in_english(value) for name, value in (text.mapping or {}).items()}
    return TranslationString(str(text), default=text.default, mapping=values).interpolate()


class Unreadable(ValueError):
    """A value that cannot be read; `message`, marked, says how it is written."""

    def __init__(self, message: TranslationString) -> None:
        super().__init__(in_english(message))
        self.message = message
