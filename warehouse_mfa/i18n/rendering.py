"""Translation while rendering: of the page's reader, or of a mail's recipient."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import timedelta
from functools import lru_cache
from typing import Any

from jinja2 import pass_eval_context
from jinja2.nodes import EvalContext
from markupsafe import Markup, escape
from pyramid.i18n import Localizer, make_localizer
from pyramid.interfaces import ILocalizer, ITranslationDirectories
from pyramid.registry import Registry
from pyramid.threadlocal import get_current_request
from pyramid_jinja2.i18n import GetTextWrapper
from translationstring import TranslationString

from warehouse_mfa.i18n import languages
from warehouse_mfa.i18n.moments import from_now
from warehouse_mfa.strings import DOMAIN, PluralString

# Unicode Standard Annex 9, 2.4: what stands between them is set for itself.
FIRST_STRONG_ISOLATE = "\u2068"
POP_DIRECTIONAL_ISOLATE = "\u2069"
_speaking: ContextVar[Localizer | None] = ContextVar("speaking", default=None)


def localizer_for(registry: Registry, locale: str) -> Localizer:
    """Return the translator of a language, made once; requests in that language have the same."""
    known: Localizer | None = registry.queryUtility(ILocalizer, name=locale)
    if known is None:
        directories = registry.queryUtility(ITranslationDirectories, default=[])
        known = make_localizer(locale, directories)
        registry.registerUtility(known, ILocalizer, name=locale)  # as `request.localizer` does
    return known


@contextmanager
def speaking(localizer: Localizer) -> Iterator[None]:
    """Render in that language, whoever is asking: for mails."""
    token = _speaking.set(localizer)
    try:
        yield
    finally:
        _speaking.reset(token)


def current_localizer() -> Localizer:
    return _speaking.get() or get_current_request().localizer


class LocaleGetText(GetTextWrapper):
    """ngettext for templates; their gettext is below."""

    @property
    def localizer(self) -> Localizer:
        return current_localizer()


@lru_cache(maxsize=4096)
def _format(localizer: Localizer, message: str, autoescape: bool) -> str:
    """Finding a translation takes 40 calls, and templates hold the same few sentences."""
    text = localizer.translate(message, domain=DOMAIN)
    return Markup(text) if autoescape else text  # noqa: S704 - a sentence of ours


def sentence(localizer: Localizer, autoescape: bool, message: str, /, **values: Any) -> str:
    """Return a sentence of a template in the language of `localizer`; what is no markup is escaped."""
    # A format always, as in Jinja's own gettext: "%%" is one sign with and without values.
    return _format(localizer, message, autoescape) % values


@pass_eval_context
def template_gettext(context: EvalContext, message: str, /, **values: Any) -> str:
    """`{{ _("Hello %(name)s", name=x) }}` in the reader's language."""
    return sentence(current_localizer(), context.autoescape, message, **values)


def translate(text: Any, localizer: Localizer) -> str:
    """Return a marked string in the language of `localizer`; any other value as it is.

    A marked string among its values is translated, too, and a length of time becomes "in 5 minutes".
    """
    if isinstance(text, timedelta):
        return from_now(text, localizer.locale_name)
    if isinstance(text, PluralString):
        return localizer.pluralize(
            text.singular, text.plural, text.number, domain="warehouse_mfa", mapping=text.mapping
        )
    if isinstance(text, TranslationString) and text.mapping:
        values = {name: translate(value, localizer) for name, value in text.mapping.items()}
        return localizer.translate(text, mapping=values)
    if isinstance(text, TranslationString) and text.domain == DOMAIN:
        return _translated(localizer, text, text.context)
    return localizer.translate(text)


@lru_cache(maxsize=4096)
def _translated(localizer: Localizer, text: TranslationString, context: str | None) -> str:
    """Finding a translation takes 8 calls, and forms have the same few labels. No values are in it.

    `context` is part of what is looked for, and not of what a marked string is equal to.
    """
    return localizer.translate(text)


def filter_translate(text: Any) -> str:
    """`{{ field.label.text|t }}`: print a string that Python marked."""
    return translate(text, current_localizer())


def filter_isolate(text: TranslationString) -> Markup:
    """`{{ line.sentence|isolate }}`: print a marked string, and each value in it in a `<bdi>`.

    The sentence is escaped before its values come in, each escaped on its own; a value that looks
    like the place of another is not looked at again.
    """
    values = {
        name: Markup("<bdi>{}</bdi>").format(value) for name, value in (text.mapping or {}).items()
    }
    bare = TranslationString(
        str(text), domain=text.domain, default=text.default, context=text.context
    )
    escaped = escape(current_localizer().translate(bare))
    return Markup(TranslationString("", mapping=values).interpolate(str(escaped)))  # noqa: S704


@pass_eval_context
def filter_bdi(context: EvalContext, name: Any) -> str:
    """`{{ username|bdi }}`: a name keeps its direction to itself, on a page and in a plain text mail."""
    if context.autoescape:
        # As `Markup.format`, which parses the text around it first: every page has two of these.
        return Markup(f"<bdi>{escape(name)}</bdi>")  # noqa: S704 - escaped here
    if languages.direction_of(current_localizer().locale_name) == "rtl":
        return f"{FIRST_STRONG_ISOLATE}{name}{POP_DIRECTIONAL_ISOLATE}"
    return str(name)
