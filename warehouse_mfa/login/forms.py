"""The form of the password step."""

from warehouse_mfa.forms import Form, HiddenField, PasswordField, TextField, at_most, required
from warehouse_mfa.i18n import _

LONGEST_NAME = 254
LONGEST_PASSWORD = 4096


class PasswordForm(Form):
    """Who, and the password."""

    username = TextField(
        _("Username or email address"),
        [
            required(_("Enter your username or your email address.")),
            at_most(LONGEST_NAME, _("No username and no email address is as long as this.")),
        ],
        render_kw={
            "autocomplete": "username webauthn",
            "autocapitalize": "none",
            "spellcheck": "false",
        },
    )
    password = PasswordField(
        _("Password"),
        [
            required(_("Enter your password.")),
            at_most(LONGEST_PASSWORD, _("A password has at most 4096 characters.")),
        ],
        render_kw={"autocomplete": "current-password"},
    )
    next = HiddenField("")
