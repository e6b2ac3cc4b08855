"""Somebody fills in the registration form."""

from typing import Any

from tests.common.people import PASSWORD
from tests.common.visitor import Visitor

REGISTER = "/account/register/"
NEWTON = {
    "username": "newton",
    "email": "newton@example.org",
    "full_name": "Isaac Newton",
    "new_password": PASSWORD,
    "password_confirm": PASSWORD,
    "confirm_form": "",
}


def register(visitor: Visitor, status: int = 303, **fields: str) -> Any:
    """Send the form as Newton would, but for `fields`; a password is repeated unless given twice."""
    if "new_password" in fields:
        fields.setdefault("password_confirm", fields["new_password"])
    form = visitor.form(REGISTER, "register-form")
    for name, value in {**NEWTON, **fields}.items():
        form[name] = value
    return form.submit(status=status)
