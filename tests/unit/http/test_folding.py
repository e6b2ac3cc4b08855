"""What a template says in the same way every time is asked for once, when it is compiled."""

from typing import Any

import pytest
from jinja2 import DictLoader, Environment
from markupsafe import Markup

from warehouse_mfa.http.folding import Known, folding


class Page:
    """A page of one template, which may call `word`, `markup` and `unknown`."""

    def __init__(self, source: str, *, is_html: bool = True) -> None:
        self.asked: list[str] = []
        environment = Environment(autoescape=is_html, loader=DictLoader({"page": source}))
        environment.globals["unknown"] = str.upper
        environment.globals["word"] = lambda *texts, **values: f"called {texts} {values}"
        functions = {"word": self._word, "markup": self._markup, "unknown": lambda text: None}
        self._environment = folding(environment, Known(functions, {"name": "<n>", "two": (1, 2)}))

    def _word(self, text: str, **values: str) -> str:
        self.asked.append(text)
        return f"{text}!" + "".join(values.values())

    def _markup(self, text: str) -> str:
        return Markup("<b>{}</b>").format(text)

    def text(self, **values: Any) -> str:
        return self._environment.get_template("page").render(**values)


def test_a_constant_is_asked_for_once_however_often_the_page_is_rendered() -> None:
    page = Page("{{ word('so') }} {% for one in 'ab' %}{{ word('on') }}{% endfor %}")

    assert {page.text() for _ in range(3)} == {"so! on!on!"}
    assert page.asked == ["so", "on"]


def test_it_is_escaped_in_a_page_and_not_in_a_text() -> None:
    source = "{{ word('a<b') }} {{ markup('a<b') }}"

    assert Page(source).text() == "a&lt;b! <b>a&lt;b</b>"
    assert Page(source, is_html=False).text() == "a<b! <b>a&lt;b</b>"


def test_it_is_the_same_as_an_argument_as_a_value_and_in_an_expression() -> None:
    source = (
        "{% macro show(text) %}[{{ text }}]{% endmacro %}"
        "{{ show(word('<')) }}{{ show(markup('<')) }}"
        "{% set kept = markup('&') %}{{ kept }}{{ word('a') ~ '<' }}{{ word('a')|upper }}"
    )

    assert Page(source).text() == "[&lt;!][<b>&lt;</b>]<b>&amp;</b>a!&lt;A!"


@pytest.mark.parametrize(
    "call", ["word(text)", "word('a', 'b')", "word('a', n=text)", "word(*'a')", "word('a', **{})"]
)
def test_a_call_with_anything_else_stays_a_call(call: str) -> None:
    page = Page("{{ " + call + " }}")

    assert page.text(text="x").startswith("called (")
    assert page.asked == []


def test_a_value_that_is_known_is_a_constant_too() -> None:
    page = Page("{{ name }}{% if name %}{{ word('a', n=name|upper) }}{% endif %}{{ two|length }}")

    assert page.text(name="another", two=()) == "&lt;n&gt;a!&lt;N&gt;2"
    assert page.asked == ["a"]


def test_a_function_that_does_not_know_is_called_when_that_part_is_printed() -> None:
    assert Page("{{ unknown('a') }}").text() == "A"


def test_a_function_of_another_thing_is_another_function() -> None:
    assert Page("{{ one.word('a') }}").text(one={"word": str.upper}) == "A"
