"""Forms of the password step, and of the way back when the password is forgotten."""

import inspect
from functools import cache

from wtforms.fields.core import UnboundField

from warehouse_mfa.accounts.forms import NewPasswordForm
from warehouse_mfa.factors.interfaces import FactorForm
from warehouse_mfa.forms import Form, HiddenField, PasswordField, TextField, at_most, required
from warehouse_mfa.i18n import _

LONGEST_NAME = 254
LONGEST_PASSWORD = 4096


def _name_field() -> TextField:
    return TextField(
        _("Username or email address"),
        [
            required(_("Enter your username or your email address.")),
            at_most(
                LONGEST_NAME, _("This is too long for a username or an email address. Check it.")
            ),
        ],
        render_kw={
            "autocomplete": "username webauthn",
            "autocapitalize": "none",
            "spellcheck": "false",
        },
    )


class PasswordForm(Form):
    """Who, and the password."""

    username = _name_field()
    password = PasswordField(
        _("Password"),
        [
            required(_("Enter your password.")),
            at_most(LONGEST_PASSWORD, _("A password has at most 4096 characters.")),
        ],
        render_kw={"autocomplete": "current-password"},
    )
    next = HiddenField("")


class PasskeyForm(Form):
    """What the browser's ceremony gave, instead of a name and a password."""

    credential = HiddenField("", [required(_("The browser sent no passkey. Try again."))])
    next = HiddenField("")


class ResetRequestForm(Form):
    """Whose password is forgotten."""

    username_or_email = _name_field()


class ResetForm(NewPasswordForm):
    """Another password, and the link that it is for."""

    link_id = HiddenField("")


@cache
def reset_form(answer: type[FactorForm] | None) -> type[Form]:
    """Return the form of a new password, together with that of a factor when one is asked for."""
    if answer is None:
        return ResetForm
    # WTForms orders fields by when they were made, and so by which module was imported first: made
    # anew, those of the answer stand below the password on every page.
    below = {
        name: UnboundField(field.field_class, *field.args, name=field.name, **field.kwargs)
        for name, field in inspect.getmembers(answer, lambda member: hasattr(member, "_formfield"))
    }
    return type("ResetFormWithAnswer", (ResetForm, answer), below)
