"""Forms of accounts: the shape of what is typed."""

from wtforms.validators import StopValidation

from warehouse_mfa.accounts.names import LONGEST_ADDRESS, LONGEST_USERNAME
from warehouse_mfa.accounts.password_rules import LONGEST
from warehouse_mfa.forms import (
    AS_TYPED,
    Form,
    PasswordField,
    TextField,
    at_most,
    printable,
    required,
)
from warehouse_mfa.i18n import _

LONGEST_NAME = 100


def name_field() -> TextField:
    """Return the field for what a person is called."""
    return TextField(
        _("Name"),
        [
            at_most(LONGEST_NAME, _("A name has at most 100 characters.")),
            printable(_("The name holds a character that cannot be shown.")),
        ],
        description=_("Everybody sees it."),
        render_kw={"autocomplete": "name"},
    )


def new_password_field(label: str) -> PasswordField:
    """Return the field of a password that is to be set."""
    return PasswordField(
        label,
        [
            required(_("Choose a password.")),
            at_most(LONGEST, _("A password has at most 4096 characters.")),
        ],
        render_kw={"autocomplete": "new-password"},
    )


def password_confirm_field() -> PasswordField:
    """Return the field beside it, `password_confirm`."""
    return PasswordField(
        _("Password again"),
        [required(_("Enter the password a second time.")), _same_as_new_password],
        render_kw={"autocomplete": "new-password"},
    )


def _same_as_new_password(form: Form, field: PasswordField) -> None:
    if field.data != form["new_password"].data:
        raise StopValidation(_("The two passwords are not the same."))


class NewPasswordForm(Form):
    """Another password, twice."""

    new_password = new_password_field(_("New password"))
    password_confirm = password_confirm_field()


def email_field() -> TextField:
    """Return the field for an address."""
    return TextField(
        _("Email address"),
        [
            required(_("Enter your email address.")),
            at_most(LONGEST_ADDRESS, _("This email address is too long.")),
        ],
        render_kw={"type": "email", "autocomplete": "email", "spellcheck": "false", "dir": "ltr"},
    )


class EmailForm(Form):
    """One address."""

    email = email_field()


class RegistrationForm(EmailForm):
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
        render_kw={"autocomplete": "username", **AS_TYPED},
    )
    full_name = name_field()
    new_password = new_password_field(_("Password"))
    password_confirm = password_confirm_field()
    confirm_form = TextField(
        _("Leave this empty"), render_kw={"autocomplete": "off", "tabindex": "-1"}
    )

    def validate_confirm_form(self, field: TextField) -> None:
        # Programs fill in every field they find; people do not see this one.
        if field.data:
            raise StopValidation(_("Leave this field empty."))
