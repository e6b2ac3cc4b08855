"""Forms about one's own account."""

from warehouse_mfa.accounts.forms import NewPasswordForm
from warehouse_mfa.forms import PasswordField, required
from warehouse_mfa.i18n import _


class PasswordChangeForm(NewPasswordForm):
    """The password of today, and the next one twice."""

    password = PasswordField(
        _("Password of today"),
        [required(_("Enter the password that you have now."))],
        render_kw={"autocomplete": "current-password"},
    )
