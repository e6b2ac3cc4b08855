"""Shared parts of forms: fields that take text as it is meant, and their rules.

A form checks shape only: required, length, characters. Rules that need the database live in
services, whose refusals a view puts on the field with `refuse`.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import wtforms
from markupsafe import Markup, escape
from wtforms.validators import StopValidation
from wtforms.widgets import HiddenInput, PasswordInput, TextInput
from wtforms.widgets.core import clean_key

from warehouse_mfa.i18n import _
from warehouse_mfa.i18n.rendering import current_localizer, translate

AS_TYPED = {"autocapitalize": "none", "spellcheck": "false", "dir": "ltr"}
"""Attributes of an input for what is Latin script in every language, and no word: a username."""


class Form(wtforms.Form):
    """A form of ours. Its messages are marked strings, translated when they are printed."""

    class Meta:
        # Cross-site requests are refused before a form is read: http/csrf.py.
        csrf = False
        locales = False

        def render_field(self, field: wtforms.Field, render_kw: Mapping[str, Any]) -> Markup:
            """Call the widget as wtforms does; names are made attributes when they are written."""
            written: Markup = field.widget(field, **{**(field.render_kw or {}), **render_kw})
            return written

    def refuse(self, field: str | None, message: str) -> None:
        """Put the message of a refusal on a field, or on the form when it is about no field."""
        if field is None:
            self.form_errors.append(message)
        else:
            self[field].errors = [*self[field].errors, message]

    def forget_secrets(self) -> None:
        """Empty what must not be sent back: passwords and codes."""
        for field in self:
            if isinstance(field, PasswordField | CodeField):
                field.data = ""


Rule = Callable[[Form, wtforms.Field], None]


def required(message: str) -> Rule:
    """Refuse an empty field."""

    def check(form: Form, field: wtforms.Field) -> None:
        if not field.data:
            raise StopValidation(message)

    check.field_flags = {"required": True}  # type: ignore[attr-defined]
    return check


def at_most(length: int, message: str) -> Rule:
    """Refuse more than `length` code points."""

    def check(form: Form, field: wtforms.Field) -> None:
        if field.data and len(field.data) > length:
            raise StopValidation(message)

    check.field_flags = {"maxlength": length}  # type: ignore[attr-defined]
    return check


def printable(message: str) -> Rule:
    """Refuse control characters and the marks that turn the direction of text around."""

    def check(form: Form, field: wtforms.Field) -> None:
        if field.data and not is_printable(field.data):
            raise StopValidation(message)

    return check


def is_printable(text: str) -> bool:
    """Tell whether a line of text shows as it was typed: no controls, no direction overrides."""
    return not any(
        character < " "
        or "\x7f" <= character <= "\x9f"
        or character in "\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"
        or "\ud800" <= character <= "\udfff"
        for character in text
    )


def _write_attributes(*, value: object = None, **constant: Any) -> str:
    """Write attributes as wtforms does, the value last: all but it are the same every time."""
    written = _write_constant(**constant)
    return written if value is None else f'{written} value="{escape(str(value))}"'


@lru_cache(maxsize=1024, typed=True)
def _write_constant(**values: Any) -> str:
    return " ".join(
        clean_key(name) if value is True else f'{clean_key(name)}="{escape(str(value))}"'
        for name, value in sorted(values.items())
        if value is not False
    )


class _Input:
    """`<input>` as wtforms writes it, which would look for its flags among all names of an object."""

    def __init__(self, kind: str, flags: Sequence[str], *, shows_value: bool = True) -> None:
        """`flags` are those of a field's rules that are attributes, too."""
        self._kind = kind
        self._flags = frozenset(flags)
        self._shows_value = shows_value

    def __call__(self, field: wtforms.Field, **given: Any) -> Markup:
        flags = {flag: value for flag, value in vars(field.flags).items() if flag in self._flags}
        attributes = {"id": field.id, "type": self._kind, "name": field.name, **flags, **given}
        value = field._value() if self._shows_value else ""
        return Markup(f"<input {_write_attributes(value=value, **attributes)}>")  # noqa: S704


class TextField(wtforms.StringField):
    """A line of text, without the blanks around it."""

    widget = _Input("text", TextInput.validation_attrs)

    def process_formdata(self, valuelist: Sequence[Any]) -> None:
        self.data = valuelist[0].strip() if valuelist else ""


class PasswordField(wtforms.PasswordField):
    """A password exactly as typed; it is never sent back."""

    widget = _Input("password", PasswordInput.validation_attrs, shows_value=False)


class CodeField(TextField):
    """A one-time code; it is never sent back."""


class _Select:
    """A list to choose from; what is marked among its labels is translated here."""

    def __call__(self, field: "ChoiceField", **attributes: Any) -> Markup:
        localizer = current_localizer()
        options = Markup().join(
            Markup("<option {}>{}</option>").format(
                Markup(_write_attributes(value=value, selected=value == field.data)),  # noqa: S704
                translate(label, localizer),
            )
            for value, label in field.choices
        )
        written = _write_attributes(id=field.id, name=field.name, **attributes)
        return Markup("<select {}>{}</select>").format(Markup(written), options)  # noqa: S704


class ChoiceField(wtforms.Field):
    """One of a list of values, each with its label."""

    widget = _Select()
    data: Any

    def __init__(self, *args: Any, choices: Sequence[tuple[str, str]] = (), **options: Any) -> None:
        super().__init__(*args, **options)
        self.choices = choices

    def process_formdata(self, valuelist: Sequence[Any]) -> None:
        self.data = valuelist[0] if valuelist else None

    def pre_validate(self, form: wtforms.Form) -> None:
        if self.data not in [value for value, _label in self.choices]:
            raise StopValidation(_("Choose one of the list."))


class HiddenField(wtforms.HiddenField):
    """A value that travels with the form."""

    widget = _Input("hidden", HiddenInput.validation_attrs)


LONGEST_LABEL = 64


def optional_label_field(hint: str, **options: Any) -> TextField:
    """Return the field for what a person calls a thing that has a name of its own, too."""
    return TextField(
        _("Name"), _label_shape(), description=hint, render_kw={"autocomplete": "off"}, **options
    )


def _label_shape() -> list[Any]:
    return [
        at_most(LONGEST_LABEL, _("A name has at most 64 characters.")),
        printable(_("The name holds a character that cannot be shown.")),
    ]


def label_field(missing: str, hint: str, **options: Any) -> TextField:
    """Return the field for what a person calls a thing of theirs."""
    return TextField(
        _("Name"),
        [required(missing), *_label_shape()],
        description=hint,
        render_kw={"autocomplete": "off"},
        **options,
    )
