"""What a translated sentence must keep of the English one, and how its language is written.

The rules of spelling are those that a machine can see: spaces before French signs, Arabic signs in
Arabic. Words are for people to judge, by `dev/words.md`.
"""

import re
from collections import Counter
from collections.abc import Iterator
from gettext import c2py

from babel.messages import Catalog, Message

PLACEHOLDER = re.compile(r"%\(\w+\)s|\$\{\w+\}|(?<!\$)\{\w+(?:![rs])?\}")
NUMBER = tuple(Counter([name]) for name in ("%(num)s", "${n}", "{nargs}"))
TAG = re.compile(r"</?[a-z][^>]*>")
CODE = re.compile(r"`[^`]*`|https?://\S*|\b[a-z]+:")
NUMBERS = range(200)

SPELLING = {
    "fr": (
        (re.compile(r"(?<!\u202f)[;!?]"), "needs a narrow no-break space before ; ! ?"),
        (re.compile(r"(?<!\u00a0):|(?<!\u00a0)»|«(?!\u00a0)"), "needs a no-break space by : « »"),
        (re.compile(r"[\"']"), "has a straight quotation mark or apostrophe"),
    ),
    "ar": (
        (re.compile(r"[,;?]"), "has a sign of Latin script for ، ؛ ؟"),
        (re.compile(r"[\"'“”]"), "has a quotation mark of another script for « »"),
        (re.compile(r"(?<![\u2066\d-])\d+-\d"), "turns around digits with dashes: isolate them"),
    ),
}


def problems(message: Message, catalogue: Catalog) -> Iterator[str]:
    """Yield what is wrong with a sentence and its translation, each in a few words."""
    if message.fuzzy:
        yield "is only guessed (fuzzy)."
    forms = message.string if isinstance(message.string, tuple) else (message.string,)
    if not all(form.strip() for form in forms):
        yield "is not translated."
        return
    source = message.id[-1] if isinstance(message.id, tuple) else str(message.id)
    for number, form in enumerate(forms):
        if _fixed(form) not in _wanted(message, number, catalogue):
            yield f"has other placeholders or markup: {form}"
        if _ends(source) != _ends(form):
            yield f"begins or ends with other spaces: {form!r}"
        for pattern, what in SPELLING.get(str(catalogue.locale), ()):
            if pattern.search(_prose(form)):
                yield f"{what}: {form}"


def _wanted(message: Message, form: int, catalogue: Catalog) -> Iterator[Counter[str]]:
    """Yield what may be fixed in a form: in plurals it depends on the numbers that it is for."""
    if not message.pluralizable:
        yield _fixed(str(message.id))
        return
    singular, plural = map(_fixed, message.id)
    rule = c2py(str(catalogue.plural_expr))
    numbers = [number for number in NUMBERS if rule(number) == form]
    yield plural
    if 1 in numbers:
        yield singular
    if len(numbers) == 1:
        # "One code" needs no number, nor does the dual of Arabic.
        yield from (plural - number for number in NUMBER if number <= plural)


def _fixed(text: str) -> Counter[str]:
    return Counter(PLACEHOLDER.findall(text) + TAG.findall(text))


def _ends(text: str) -> tuple[bool, bool]:
    return text[:1].isspace(), text[-1:].isspace()


def _prose(text: str) -> str:
    """Return a sentence without what is written the same in all languages."""
    for pattern in (TAG, PLACEHOLDER, CODE):
        text = pattern.sub("", text)
    return text
