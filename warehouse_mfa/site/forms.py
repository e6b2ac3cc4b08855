"""The form of the language menu."""

from wtforms.validators import AnyOf

from warehouse_mfa.forms import Form, HiddenField
from warehouse_mfa.i18n import LANGUAGES


class LanguageForm(Form):
    """Which language, and where to go on."""

    locale_id = HiddenField("", [AnyOf(LANGUAGES)])
    next = HiddenField("")
