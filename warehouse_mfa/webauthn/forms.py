"""Forms of security keys."""

from warehouse_mfa.factors.interfaces import FactorForm
from warehouse_mfa.forms import Form, HiddenField, TextField, at_most, printable, required
from warehouse_mfa.i18n import _

LONGEST_LABEL = 64
NO_ANSWER = _("The browser sent no answer of a security key. Try again.")
WITHOUT_SCRIPT = _("A security key needs JavaScript. Turn it on, or choose another second factor.")


class AuthenticateForm(FactorForm):
    """What the browser's ceremony gave, at login."""

    credential = HiddenField("", [required(NO_ANSWER)])

    @property
    def answer(self) -> str:
        return str(self.credential.data)


class RegisterForm(Form):
    """What to call a key, and what the browser's ceremony gave."""

    label = TextField(
        _("Name"),
        [
            required(_("Give the key a name, such as its color or where you keep it.")),
            at_most(LONGEST_LABEL, _("A name has at most 64 characters.")),
            printable(_("The name holds a character that cannot be shown.")),
        ],
        id="webauthn-provision-label",
        description=_("So that you can tell your keys apart."),
        render_kw={"autocomplete": "off"},
    )
    credential = HiddenField("", [required(NO_ANSWER)])
