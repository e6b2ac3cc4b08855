"""Forms about one's own account."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from webob.multidict import MultiDict
from wtforms.validators import StopValidation

from warehouse_mfa.accounts.forms import name_field, new_password_field, password_confirm_field
from warehouse_mfa.forms import AS_TYPED, ChoiceField, Form, PasswordField, TextField, required
from warehouse_mfa.i18n import _, languages
from warehouse_mfa.i18n.zones import time_zones
from warehouse_mfa.profile import topics

DAY = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")
DAY_HINT = _("For example 2026-12-24.")
YEARS = range(1970, 9999)


class PasswordChangeForm(Form):
    """The password of today, and the next one twice."""

    password = PasswordField(
        _("Current password"),
        [required(_("Enter your current password."))],
        render_kw={"autocomplete": "current-password"},
    )
    new_password = new_password_field(_("New password"))
    password_confirm = password_confirm_field()


class DeletionForm(Form):
    """The username, typed: nobody deletes an account by mistake."""

    confirmation = TextField(
        _("Your username"),
        [required(_("Enter your username."))],
        render_kw={"autocomplete": "off", **AS_TYPED},
    )


class ProfileForm(Form):
    """What others see, and how the site speaks to one."""

    name = name_field()
    public_email = ChoiceField(
        _("Public email address"),
        description=_("Everybody sees it. Only a verified address can be public."),
    )
    language = ChoiceField(
        _("Language"), [required(_("Choose a language."))], choices=languages.NAMES
    )
    time_zone = ChoiceField(
        _("Time zone"),
        [required(_("Choose a time zone."))],
        description=_("Pages show times in it; mails tell them in UTC."),
    )

    def __init__(self, formdata: Any = None, *, addresses: Sequence[str] = (), **data: Any) -> None:
        """`addresses` are those that can be public."""
        super().__init__(formdata, **data)
        self.public_email.choices = [
            ("", _("None")),
            *((address, address) for address in addresses),
        ]
        self.time_zone.choices = [(zone, zone.replace("_", " ")) for zone in time_zones()]


class DayField(TextField):
    """A day, as text; may be empty.

    Not the field that browsers have for days: each of its parts takes a press of Tab, and shows its
    focus in its own way.
    """

    day: date | None = None

    def pre_validate(self, form: Form) -> None:
        if not self.data:
            return
        try:
            # It would take other spellings, too, which no page shows again.
            day = date.fromisoformat(self.data) if DAY.fullmatch(self.data) else None
        except ValueError:
            day = None
        if day is None or day.year not in YEARS:
            raise StopValidation(_("Enter a day as year, month and day, such as 2026-12-24."))
        self.day = day


class HistoryForm(Form):
    """What of the history is to be shown. It comes in the query, and may be left out."""

    about = ChoiceField(_("Subject"), choices=tuple(topics.NAMES.items()))
    since = DayField(
        _("From the day"), description=DAY_HINT, render_kw={"autocomplete": "off", "dir": "ltr"}
    )
    until = DayField(
        _("To the day"), description=DAY_HINT, render_kw={"autocomplete": "off", "dir": "ltr"}
    )

    def __init__(self, query: Mapping[str, str] | None = None) -> None:
        super().__init__(MultiDict({"about": "", **(query or {})}))

    def validate_until(self, field: DayField) -> None:
        if self.since.day and field.day and field.day < self.since.day:
            raise StopValidation(_("The last day is before the first one."))

    @property
    def query(self) -> dict[str, str]:
        """The query that asks for the same."""
        return {field.name: field.data for field in self if field.data}
