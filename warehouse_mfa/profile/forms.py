"""Forms about one's own account."""

from warehouse_mfa.accounts.forms import new_password_field, password_confirm_field
from warehouse_mfa.forms import Form, PasswordField, required
from warehouse_mfa.i18n import _


class PasswordChangeForm(Form):
    """The password of today, and the next one twice."""

    password = PasswordField(
        _("Current password"),
        [required(_("Enter your current password."))],
        render_kw={"autocomplete": "current-password"},
    )
    new_password = new_password_field(_("New password"))
    password_confirm = password_confirm_field()
