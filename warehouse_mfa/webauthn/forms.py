"""Forms of security keys."""

from warehouse_mfa.factors.interfaces import FactorForm
from warehouse_mfa.forms import Form, HiddenField, label_field, optional_label_field, required
from warehouse_mfa.i18n import _

NO_ANSWER = _("The browser sent no answer of a security key. Try again.")
WITHOUT_SCRIPT = _("A security key needs JavaScript. Turn it on, or choose another second factor.")


class AuthenticateForm(FactorForm):
    """What the browser's ceremony gave, at login."""

    answer_field = "credential"
    credential = HiddenField("", [required(NO_ANSWER)])


class RegisterPasskeyForm(Form):
    """What to call a passkey, if not as what keeps it, and what the browser's ceremony gave."""

    label = optional_label_field(
        _(
            "So that you can tell your passkeys apart. Without one it is called after the device or "
            "the password manager that keeps it."
        ),
        id="webauthn-provision-label",
    )
    credential = HiddenField("", [required(NO_ANSWER)])


class RegisterForm(Form):
    """What to call a key, and what the browser's ceremony gave."""

    label = label_field(
        _("Give the key a name, such as its color or where you keep it."),
        _("So that you can tell your keys apart."),
        id="webauthn-provision-label",
    )
    credential = HiddenField("", [required(NO_ANSWER)])
