"""Forms of accounts: the shape of what is typed."""

from wtforms.validators import StopValidation

from warehouse_mfa.accounts.names import LONGEST_ADDRESS, LONGEST_USERNAME
from warehouse_mfa.accounts.password_rules import LONGEST
from warehouse_mfa.forms import Form, PasswordField, TextField, at_most, printable, required
from warehouse_mfa.i18n import _

LONGEST_NAME = 100


class NewPasswordForm(Form):
    """A new password, twice."""

    new_password = PasswordField(
        _("Password"),
        [
            required(_("Choose a password.")),
            at_most(LONGEST, _("A password has at most 4096 characters.")),
        ],
        render_kw={"autocomplete": "new-password"},
    )
    password_confirm = PasswordField(
        _("Password again"),
        [required(_("Enter the password a second time."))],
        render_kw={"autocomplete": "new-password"},
    )

    def validate_password_confirm(self, field: PasswordField) -> None:
        if field.data != self.new_password.data:
            raise StopValidation(_("The two passwords are not the same."))


class EmailForm(Form):
    """One address."""

    email = TextField(
        _("Email address"),
        [
            required(_("Enter your email address.")),
            at_most(LONGEST_ADDRESS, _("This email address is too long.")),
        ],
        render_kw={"type": "email", "autocomplete": "email", "spellcheck": "false"},
    )


class RegistrationForm(EmailForm, NewPasswordForm):
    """What it takes to register."""

    username = TextField(
        _("Username"),
        [
            required(_("Choose a username.")),
            at_most(LONGEST_USERNAME, _("A username has at most 50 characters.")),
        ],
        description=_(
            "Letters from a to z, digits, dots, dashes and underscores. Everybody sees it."
        ),
        render_kw={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"},
    )
    full_name = TextField(
        _("Name"),
        [
            at_most(LONGEST_NAME, _("A name has at most 100 characters.")),
            printable(_("The name holds a character that cannot be shown.")),
        ],
        render_kw={"autocomplete": "name"},
    )
    confirm_form = TextField(
        _("Leave this empty"), render_kw={"autocomplete": "off", "tabindex": "-1"}
    )

    def validate_confirm_form(self, field: TextField) -> None:
        # Programs fill in every field they find; people do not see this one.
        if field.data:
            raise StopValidation(_("Leave this field empty."))
