"""Forms of authenticator applications."""

from warehouse_mfa.factors.interfaces import FactorForm
from warehouse_mfa.forms import CodeField, Form, at_most, label_field, required
from warehouse_mfa.i18n import _

LONGEST_CODE = 32  # six digits, with the blanks somebody may type between them


def code_field() -> CodeField:
    """Return the field for a code."""
    return CodeField(
        _("Code"),
        [
            required(_("Enter the six digits that the app shows.")),
            at_most(LONGEST_CODE, _("A code has six digits.")),
        ],
        render_kw={
            "autocomplete": "one-time-code",
            "inputmode": "numeric",
            "spellcheck": "false",
            "dir": "ltr",
        },
    )


class AuthenticateForm(FactorForm):
    """A code, at login."""

    answer_field = "totp_value"
    totp_value = code_field()


class EnrollForm(Form):
    """The first code of an application, and what to call it."""

    label = label_field(
        _("Give the app a name, such as the device it is on."),
        _("So that you know it later, such as the device it is on."),
    )
    totp_value = code_field()
