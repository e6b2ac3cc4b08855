"""Marking strings for translation."""

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
