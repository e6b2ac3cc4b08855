"""Forms of authenticator applications."""

from warehouse_mfa.factors.interfaces import FactorForm
from warehouse_mfa.forms import CodeField, Form, TextField, at_most, printable, required
from warehouse_mfa.i18n import _

LONGEST_LABEL = 64
LONGEST_CODE = 32  # six digits, with the blanks somebody may type between them


def code_field() -> CodeField:
    """Return the field for a code."""
    return CodeField(
        _("Code"),
        [
            required(_("Enter the six digits that the app shows.")),
            at_most(LONGEST_CODE, _("A code has six digits.")),
        ],
        render_kw={"autocomplete": "one-time-code", "inputmode": "numeric", "spellcheck": "false"},
    )


class AuthenticateForm(FactorForm):
    """A code, at login."""

    totp_value = code_field()

    @property
    def answer(self) -> str:
        return str(self.totp_value.data)


class EnrollForm(Form):
    """The first code of an application, and what to call it."""

    label = TextField(
        _("Name"),
        [
            required(_("Give the app a name, such as the device it is on.")),
            at_most(LONGEST_LABEL, _("A name has at most 64 characters.")),
            printable(_("The name holds a character that cannot be shown.")),
        ],
        description=_("So that you know it later, such as the device it is on."),
        render_kw={"autocomplete": "off"},
    )
    totp_value = code_field()
