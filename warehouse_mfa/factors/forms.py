"""The form about a credential of any factor."""

from warehouse_mfa.forms import Form, label_field
from warehouse_mfa.i18n import _


class RenameForm(Form):
    """What to call a credential from now on."""

    label = label_field(
        _("Give it a name that tells it from the others."), _("So that you can tell them apart.")
    )
