"""Asking for help when everything is lost, as people do it."""

from typing import Any

from tests.common.people import Person
from tests.common.site import Site
from tests.common.visitor import Visitor

LOST = "/account/lost/"
CONFIRM_LOSS = f"{LOST}confirm/"
TASK = "login.lost"
STATEMENT = "I am alice on three other sites"


def ask_for_help(
    visitor: Visitor, username: str, address: str, password: str = "", status: int = 303
) -> Any:
    """Send the form."""
    form = visitor.form(LOST, "lost-form")
    form["username"], form["email"] = username, address
    # In two lines, which say no more than one.
    form["statement"] = STATEMENT.replace(" ", "\r\n", 1)
    form["password"] = password
    return form.submit(status=status)


def help_link(site: Site, person: Person, address: str, password: str = "") -> str:
    """Ask from somewhere, and return the link that was mailed to the address."""
    ask_for_help(site.visitor("198.51.100.4"), person.username, address, password)
    site.run_task(TASK)
    return site.mails(to=address)[-1].link


def confirm(visitor: Visitor, link: str, status: int = 200) -> Any:
    """Open the link, and press the button."""
    page = visitor.get(link, status=303).follow(status=200)
    return page.forms["lost-confirm-form"].submit(status=status)
