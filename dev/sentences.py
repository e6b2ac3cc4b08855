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
NUMBER = Counter({"%(num)s": 1}), Counter({"${n}": 1}), Counter({"{count}": 1})
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
        if not _keeps_placeholders(source, form, _is_for_one(number, message, catalogue)):
            yield f"has other placeholders or markup: {form}"
        if _ends(source) != _ends(form):
            yield f"begins or ends with other spaces: {form!r}"
        for pattern, what in SPELLING.get(str(catalogue.locale), ()):
            if pattern.search(_prose(form)):
                yield f"{what}: {form}"


def _keeps_placeholders(source: str, form: str, is_for_one: bool) -> bool:
    wanted, found = _fixed(source), _fixed(form)
    if wanted == found:
        return True
    # "One code" needs no number.
    return is_for_one and any(wanted - number == found for number in NUMBER)


def _is_for_one(form: int, message: Message, catalogue: Catalog) -> bool:
    """Tell whether a plural form is used for a single number, such as two in Arabic."""
    if not message.pluralizable:
        return False
    rule = c2py(str(catalogue.plural_expr))
    return sum(rule(number) == form for number in NUMBERS) == 1


def _fixed(text: str) -> Counter[str]:
    return Counter(PLACEHOLDER.findall(text) + TAG.findall(text))


def _ends(text: str) -> tuple[bool, bool]:
    return text[:1].isspace(), text[-1:].isspace()


def _prose(text: str) -> str:
    """Return a sentence without what is written the same in all languages."""
    for pattern in (TAG, PLACEHOLDER, CODE):
        text = pattern.sub("", text)
    return text
