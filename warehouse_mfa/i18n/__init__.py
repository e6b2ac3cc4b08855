"""Languages: the negotiator, gettext in Python and in templates, times in words.

`_` marks a string; a page translates it for its reader, a mail for its recipient (`speaking`), a
command for its operator (`cli/speech.py`).
"""

from pyramid.config import Configurator

from warehouse_mfa.i18n.languages import LANGUAGES, direction_of, negotiate
from warehouse_mfa.i18n.moment_filters import filter_ago, filter_moment
from warehouse_mfa.i18n.rendering import (
    LocaleGetText,
    filter_bdi,
    filter_isolate,
    filter_translate,
    localizer_for,
    speaking,
    template_gettext,
)
from warehouse_mfa.strings import _, ngettext

__all__ = [
    "LANGUAGES",
    "_",
    "direction_of",
    "localizer_for",
    "ngettext",
    "speaking",
]


def includeme(config: Configurator) -> None:
    config.add_translation_dirs("warehouse_mfa:locale/")
    config.set_locale_negotiator(negotiate)
    config.add_settings(
        {
            "jinja2.newstyle": "true",
            "jinja2.trim_blocks": "true",
            "jinja2.lstrip_blocks": "true",
            "jinja2.i18n.domain": "warehouse_mfa",
            "jinja2.i18n.gettext": LocaleGetText,
            "jinja2.globals": {"_": template_gettext, "gettext": template_gettext},
            "jinja2.filters": {
                "t": filter_translate,
                "bdi": filter_bdi,
                "isolate": filter_isolate,
                "moment": filter_moment,
                "ago": filter_ago,
            },
        }
    )
