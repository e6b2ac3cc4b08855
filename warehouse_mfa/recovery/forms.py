"""Forms of recovery codes."""

from warehouse_mfa.factors.interfaces import FactorForm
from warehouse_mfa.forms import CodeField, at_most, required
from warehouse_mfa.i18n import _

LONGEST_CODE = 64  # 24 characters, with the separators somebody may type


class RedeemForm(FactorForm):
    """One recovery code."""

    answer_field = "recovery_code_value"
    recovery_code_value = CodeField(
        _("Recovery code"),
        [
            required(_("Enter one of your recovery codes.")),
            at_most(LONGEST_CODE, _("A recovery code has 24 letters and digits.")),
        ],
        render_kw={
            "autocomplete": "one-time-code",
            "autocapitalize": "characters",
            "spellcheck": "false",
            "dir": "ltr",
        },
    )
