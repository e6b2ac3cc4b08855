"""Fields that take text as it is meant, and their rules."""

import pytest
import wtforms
from hypothesis import example, given, settings
from hypothesis import strategies as st
from webob.multidict import MultiDict

from warehouse_mfa.forms import (
    CodeField,
    Form,
    HiddenField,
    PasswordField,
    TextField,
    at_most,
    is_printable,
    printable,
    required,
)


class Sample(Form):
    """One of each."""

    name = TextField("Name", [required("missing"), at_most(5, "long"), printable("odd")])
    password = PasswordField("Password", [required("missing"), at_most(8, "long")])
    code = CodeField("Code")
    next = HiddenField("")


def filled(**fields: str) -> Sample:
    return Sample(MultiDict({"name": "Ada", "password": "secret", "code": "1", **fields}))


def test_a_complete_form_is_valid() -> None:
    form = filled()

    assert form.validate()
    assert form.errors == {}


@pytest.mark.parametrize("fields", [{}, {"other": "x"}, {"name": ""}, {"name": " \t\u00a0"}])
def test_a_required_field_must_hold_something(fields: dict[str, str]) -> None:
    form = Sample(MultiDict(fields))

    assert not form.validate()
    assert list(form.name.errors) == list(form.password.errors) == ["missing"]


def test_a_form_without_any_field_is_refused_not_overlooked() -> None:
    form = Sample(MultiDict())

    assert not form.validate()


def test_a_form_that_nobody_sent_shows_its_defaults_and_no_errors() -> None:
    form = Sample(name="Ada")

    assert (form.name.data, form.errors) == ("Ada", {})


@pytest.mark.parametrize(("length", "is_valid"), [(5, True), (6, False), (60_000, False)])
def test_length_is_counted_in_characters(length: int, is_valid: bool) -> None:
    form = filled(name="\U0001d54f" * length)

    assert form.validate() is is_valid
    assert list(form.name.errors) == ([] if is_valid else ["long"])


def test_the_first_rule_that_is_broken_is_the_one_that_is_told() -> None:
    form = filled(name="\x01" * 6)

    form.validate()

    assert list(form.name.errors) == ["long"]


def test_rules_show_in_the_field_for_browsers() -> None:
    form = Sample()

    assert form.name.flags.required is True
    assert form.name.flags.maxlength == 5
    assert "required" in form.name()
    assert 'maxlength="5"' in form.name()


def test_blanks_around_a_text_go_and_those_inside_stay() -> None:
    assert filled(name="  a b\u3000 ").name.data == "a b"


@settings(deadline=None)
@given(password=st.text(min_size=1, max_size=8))
@example(" a ")
@example("\u00a0\t")
@example("e\u0301")
def test_a_password_is_taken_exactly_as_typed(password: str) -> None:
    form = filled(password=password)

    assert form.validate()
    assert form.password.data == password


def test_a_password_is_never_sent_back() -> None:
    form = filled(password="secret")

    assert "secret" not in form.password()


def test_secrets_are_forgotten_and_nothing_else() -> None:
    form = filled()

    form.forget_secrets()

    assert (form.name.data, form.password.data, form.code.data) == ("Ada", "", "")
    assert "1" not in form.code()


def test_a_refusal_is_put_on_its_field_beside_what_was_there() -> None:
    form = filled(name="")
    form.validate()

    form.refuse("name", "taken")

    assert list(form.name.errors) == ["missing", "taken"]
    assert form.errors["name"] == ["missing", "taken"]


def test_a_refusal_about_no_field_is_put_on_the_form() -> None:
    form = filled()
    form.validate()

    form.refuse(None, "not right")

    assert form.form_errors == ["not right"]
    assert form.errors


def test_markup_in_a_value_stays_text() -> None:
    form = filled(name='"><b>')

    assert "<b>" not in form.name()


@pytest.mark.parametrize(
    "text", ["Ada", "Ада", "\u5c71\u7530", "a b", "e\u0301", "\U0001f511 key", "\u200dx", "\u00a0"]
)
def test_text_of_people_is_printable(text: str) -> None:
    assert is_printable(text)


@pytest.mark.parametrize(
    "text",
    [
        "\x00",
        "a\nb",
        "a\rb",
        "\t",
        "\x1b[31m",
        "\x7f",
        "\x85",
        "\u2028",
        "\u2029",
        "\u202a",
        "\u202e",
        "\u2066",
        "\u2069",
        "\ufeff",
        "\ud800",
    ],
)
def test_controls_and_direction_marks_are_not(text: str) -> None:
    assert not is_printable(f"a{text}b")


@pytest.mark.parametrize("field", ["name", "password", "next"])
@pytest.mark.parametrize(
    "attributes",
    [
        {"aria_describedby": "a b", "aria_invalid": False, "class_": "wide", "data_x_y": "1"},
        {"autofocus": True, "disabled": False, "size": 20, "title": "\"<'>&"},
    ],
)
def test_a_field_is_written_as_the_library_writes_it(
    field: str, attributes: dict[str, object]
) -> None:
    form = Sample(name="\"<&>'", next="/?a=1&b=2")
    theirs = getattr(wtforms.widgets, f"{form[field].type.removesuffix('Field')}Input")()

    assert str(form[field](**attributes)) == str(theirs(form[field], **attributes))
