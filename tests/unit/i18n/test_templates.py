"""Rules that every template keeps: names stand apart from the words around them."""

import re
from pathlib import Path

import pytest

from warehouse_mfa.paths import data_dir

TEMPLATES = data_dir("templates")
# What somebody chose, or a machine made: it may run the other way than the sentence around it.
NAMES = r"(?:username|label|address|recipient|client|code|email|to|subject|secret)"
SHOWN = re.compile(rf"\{{\{{ (?:\w+\.)*{NAMES}(?: \}}\}}|\|(?!bdi))")
GIVEN = re.compile(rf"\b(?:{NAMES}|site)=(?:\w+\.)*\w+(?![\w.]|\|bdi|\()")
ISOLATED = re.compile(r"<(bdi|code)\b[^>]*>\{\{.*?\}\}</\1>")
TAG = re.compile(r"<[a-z][^<>]*>")
# An element that shows text alone: a title, an attribute, the subject of a mail.
PLAIN = re.compile(r"\{% block title %\}.*?\{% endblock %\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL)
PAGES = sorted(
    path.relative_to(TEMPLATES).as_posix()
    for path in TEMPLATES.glob("**/*.*")
    if path.name not in ("subject.txt", "style.html")
)


def naked(source: str) -> list[str]:
    """Return the places where a name is printed among words."""
    rest = TAG.sub("", ISOLATED.sub("", PLAIN.sub("", source)))
    return SHOWN.findall(rest) + GIVEN.findall(rest)


@pytest.mark.parametrize("page", PAGES)
def test_a_name_keeps_its_direction_to_itself(page: str) -> None:
    assert naked((TEMPLATES / Path(page)).read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "source",
    [
        "<p>{{ username }}</p>",
        "<p>{{ identity.username }}</p>",
        "<li>{{ credential.label|upper }}</li>",
        '{{ _("Of %(username)s", username=username) }}',
        '{{ _("At %(site)s", site=site_name) }}',
        '{{ _("From %(client)s.", client=mail.client) }}',
    ],
)
def test_a_name_that_stands_naked_is_found(source: str) -> None:
    assert naked(source) != []


@pytest.mark.parametrize(
    "source",
    [
        "<p><bdi>{{ username }}</bdi></p>",
        '<input value="{{ identity.username }}">',
        '{{ _("Of %(username)s", username=username|bdi) }}',
        '{% block title %}{{ _("Rename: %(label)s", label=x.label) }}{% endblock %}',
    ],
)
def test_a_name_that_stands_apart_is_taken(source: str) -> None:
    assert naked(source) == []
