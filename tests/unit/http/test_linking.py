"""A page put together when it is compiled says what Jinja would put together when it is shown."""

from collections.abc import Mapping
from typing import Any

import pytest
from jinja2 import DictLoader, Environment, TemplateAssertionError
from markupsafe import Markup

from warehouse_mfa.http.folding import Known, folding

FIELD = (
    "{% macro field(one, hint=None) %}<p>{{ one }}{% if hint %} ({{ hint }}){% endif %}</p>"
    "{% endmacro %}"
)
PANEL = "{% macro panel(title) %}<h2>{{ title }}</h2>{{ caller() }}{% endmacro %}"
BUTTON = "{% macro button(text) %}<b{{ kwargs|xmlattr }}>{{ text }}</b>{% endmacro %}"
OUTER = (
    '{% from "field" import field with context %}'
    "{% macro outer(one) %}[{{ field(one, hint=text) }}]{% endmacro %}"
)
FILES = {
    "base": "<t>{% block title %}none{% endblock %}</t>{{ section }}{% block main %}{% endblock %}",
    "narrow": '{% extends "base" %}{% block main %}<c>{% block card %}{% endblock %}</c>{% endblock %}',
    "field": FIELD,
    "panel": PANEL,
    "button": BUTTON,
    "outer": OUTER,
    "part": "{% set kept = text ~ '!' %}{{ kept }}{{ title }}",
    "twice": "{% block title %}none{% endblock %}: {{ self.title() }}",
}
VALUES = {
    "text": "<&>",
    "markup": Markup("<i>"),
    "title": "T",
    "items": ["a", "<b>"],
    "part": "part",
}
PAGES = [
    # Layouts
    '{% extends "base" %}{% block title %}{{ text }}{% endblock %}',
    '{% extends "narrow" %}{% set section = text %}{% block card %}{{ section }}{% endblock %}',
    '{% extends "narrow" %}{% block title %}{% set t = 1 %}{{ t }}{% endblock %}'
    "{% block card %}{{ t }}{% endblock %}",
    '{% extends "narrow" %}{% set section %}<u>{{ text }}</u>{% endset %} shown nowhere',
    '{% extends "twice" %}{% block title %}{{ text }}{% endblock %}',
    # Parts
    '{{ kept }}{% include "part" %}{{ kept }}',
    "{% set title = 'here' %}{% include part %}",
    '{% for title in items %}{% include "part" %}{% endfor %}',
    '{% if title %}{% set title = "inner" %}{% endif %}{% include "part" %}',
    # Macros
    '{% from "field" import field with context %}{{ field(text) }}{{ field(markup, "a<b") }}',
    '{% from "field" import field as input with context %}{{ input(hint=text, one="<") }}',
    '{% from "field" import field with context %}{% set hint = 1 %}{{ field(hint) }}{{ one }}',
    '{% from "field" import field with context %}'
    "{% for one in items %}{{ field(one, one) }}{% endfor %}",
    '{% from "outer" import outer with context %}{% set one = 2 %}{{ outer(one) }}{{ one }}',
    '{% from "button" import button with context %}{{ button(text) }}{{ button("x", id=text, a=true) }}',
    '{% from "panel" import panel with context %}'
    "{% call panel(text) %}{{ title }}{% set title = 1 %}{{ title }}{% endcall %}{{ title }}",
    '{% from "panel" import panel with context %}{% call panel("a") %}{% endcall %}',
    '{% from "panel" import panel with context %}{% from "field" import field with context %}'
    '{% call panel("a") %}{% call panel("b") %}{{ field(title) }}{% endcall %}{% endcall %}',
    "{% macro own(a, b=text, c='c') %}{% set a = a ~ b %}{{ a }}{{ c }}{% endmacro %}"
    "{{ own(1) }}{{ own(1, c=title) }}",
    '{% macro own(a) %}{% for b in a %}{{ b }}{{ loop.index }}{% endfor %}{% endmacro %}'
    "{% for b in items %}{{ own(items) }}{{ b }}{% endfor %}",
    # What is known
    "{% if 1 == 2 %}a{% elif text %}b{% else %}c{% endif %}",
    "{% if 1 == 2 %}a{% elif 2 == 2 %}b{% else %}c{% endif %}{% if 1 == 2 %}d{% endif %}",
    "{% if text %}a{% elif 1 == 1 %}b{% elif title %}c{% endif %}",
    "{% if 1 == 1 %}{% set title = 2 %}{% endif %}{{ title }}",
    "{% for a, b in pairs %}{{ a }}{{ b }}{% set title = a %}{% endfor %}{{ title }}",
    "{% for a, b in pairs %}{{ loop.index }}{{ a }}{% endfor %}",
    "{% for a in singles if a == 'x' %}{{ a }}{% else %}none{% endfor %}",
    "{% for a in singles %}{{ a }}{% else %}none{% endfor %}{{ a }}",
]  # fmt: skip
KNOWN = {"pairs": (("a", "<"), ("b", "&")), "singles": ("y", "<")}


def plain(page: str, files: Mapping[str, str] = FILES) -> Environment:
    return Environment(autoescape=True, loader=DictLoader({**files, "page": page}))


def link(page: str) -> Environment:
    return folding(plain(page), Known({}, KNOWN))


@pytest.mark.parametrize("page", PAGES)
def test_a_page_says_the_same_as_before(page: str) -> None:
    shown = plain(page).get_template("page").render(**VALUES, **KNOWN)

    assert link(page).get_template("page").render(**VALUES) == shown


def test_only_what_is_not_known_is_looked_for_when_a_page_is_shown() -> None:
    page = (
        '{% extends "narrow" %}{% from "outer" import outer with context %}'
        '{% block card %}{{ outer(1) }}{% include "part" %}{% endblock %}'
    )
    environment = link(page)
    template = environment.get_template("page")

    environment.loader = None

    assert "<c>[<p>1" in template.render(**VALUES)


@pytest.mark.parametrize(
    ("page", "reason"),
    [
        ("{% macro m() %}{{ text }}{% endmacro %}{% for text in items %}{{ m() }}{% endfor %}", "see"),
        ("{% macro m() %}m{% endmacro %}{{ m()|upper }}", "stands"),
        ("{% macro m() %}m{% endmacro %}{% if m() %}{% endif %}", "stands"),
        ("{% macro m(a) %}{{ a }}{% endmacro %}{{ m() }}", "takes"),
        ("{% macro m(a) %}{{ a }}{% endmacro %}{{ m(1, 2) }}", "takes"),
        ("{% macro m(a) %}{{ a }}{% endmacro %}{{ m(1, b=2) }}", "takes"),
        ("{% macro m(a) %}{{ a }}{% endmacro %}{{ m(*items) }}", "takes"),
        ('{% from "field" import field %}{{ field(1) }}', "with context"),
        ('{% from "field" import field with context %}{% macro field() %}{% endmacro %}', "two"),
        ("{% macro m() %}{% for a in [1, 2] %}{{ caller() }}{% endfor %}{% endmacro %}"
         "{% call m() %}{% endcall %}", "loop"),
        ('{% extends "base" %}{% block main %}{{ super() }}{% endblock %}', "block"),
        ('{% extends "base" %}{% if text %}{% set section = 1 %}{% endif %}', "nothing else"),
        ("{% extends text %}", "known"),
        ("{% set pairs = 1 %}", "known"),
    ],
)  # fmt: skip
def test_what_could_mean_something_else_is_refused(page: str, reason: str) -> None:
    with pytest.raises(TemplateAssertionError, match=reason):
        link(page).get_template("page")


def test_a_page_is_compiled_anew_when_a_part_of_its_layout_changes() -> None:
    files: dict[str, Any] = dict(FILES, inner="{{ text }}", base='{% include "inner" %}')
    loader = DictLoader({**files, "page": '{% extends "base" %}'})
    environment = folding(Environment(auto_reload=True, loader=loader), Known({}))
    environment.get_template("page")

    loader.mapping["inner"] = "other"  # type: ignore[index]

    assert environment.get_template("page").render() == "other"
