"""Forms of the password step, and of the way back when the password is forgotten."""

import inspect
from collections.abc import Sequence
from functools import cache
from typing import Any

from wtforms.fields.core import UnboundField
from wtforms.widgets import TextArea

from warehouse_mfa.accounts.forms import NewPasswordForm, email_field
from warehouse_mfa.factors.interfaces import FactorForm
from warehouse_mfa.forms import (
    AS_TYPED,
    Form,
    HiddenField,
    PasswordField,
    TextField,
    at_most,
    printable,
    required,
)
from warehouse_mfa.i18n import _

LONGEST_NAME = 254
LONGEST_PASSWORD = 4096
LONGEST_STATEMENT = 500


def _name_field() -> TextField:
    return TextField(
        _("Username or email address"),
        [
            required(_("Enter your username or your email address.")),
            at_most(
                LONGEST_NAME, _("This is too long for a username or an email address. Check it.")
            ),
        ],
        render_kw={"autocomplete": "username webauthn", **AS_TYPED},
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


class SentencesField(TextField):
    """Some sentences. They are kept as one line: where they were broken says nothing."""

    widget = TextArea()

    def process_formdata(self, valuelist: Sequence[Any]) -> None:
        self.data = " ".join(valuelist[0].split()) if valuelist else ""


class LostForm(Form):
    """Who has lost everything, where to reach them, and what they can show."""

    username = TextField(
        _("Username"),
        [
            required(_("Enter your username.")),
            at_most(LONGEST_NAME, _("This is too long for a username. Check it.")),
        ],
        render_kw={"autocomplete": "username", **AS_TYPED},
    )
    email = email_field()
    password = PasswordField(
        _("Password"),
        [at_most(LONGEST_PASSWORD, _("A password has at most 4096 characters."))],
        description=_(
            "If you still know it. It counts for much, and we keep only that it was right."
        ),
        render_kw={"autocomplete": "current-password"},
    )
    statement = SentencesField(
        _("What you can show"),
        [
            required(_("Say what you can show.")),
            at_most(LONGEST_STATEMENT, _("This has at most 500 characters.")),
            printable(_("This holds a character that cannot be shown.")),
        ],
        description=_(
            "Such as other places where you are known by this name, or who can vouch for you. "
            "Never a password or a code."
        ),
        render_kw={"autocomplete": "off"},
    )


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
