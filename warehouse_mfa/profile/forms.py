"""Forms about one's own account."""

from collections.abc import Sequence
from typing import Any

from warehouse_mfa.accounts.forms import name_field, new_password_field, password_confirm_field
from warehouse_mfa.forms import ChoiceField, Form, PasswordField, TextField, required
from warehouse_mfa.i18n import _, languages
from warehouse_mfa.i18n.zones import time_zones


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
        render_kw={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"},
    )


class ProfileForm(Form):
    """What others see, and how the site speaks to one."""

    name = name_field()
    public_email = ChoiceField(
        _("Public email address"),
        description=_("Everybody sees it. Only a verified address can be public."),
    )
    language = ChoiceField(
        _("Language"), [required(_("Choose a language."))], choices=languages.names()
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
