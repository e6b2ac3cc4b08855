"""The way back when the password is forgotten, as people take it."""

import json
from typing import Any

from tests.common.people import Person
from tests.common.site import Site
from tests.common.visitor import Visitor

REQUEST = "/account/request-password-reset/"
RESET = "/account/reset-password/"
TASK = "login.reset"
SUBJECT = "Choose another password"
NEW = "tundra kelp 7 marmots"


def ask(visitor: Visitor, name: str, status: int = 303) -> Any:
    """Ask for a link."""
    form = visitor.form(REQUEST, "request-reset-form")
    form["username_or_email"] = name
    return form.submit(status=status)


def links(site: Site, to: str) -> list[str]:
    """Return the links that were mailed to an address, oldest first, as paths."""
    return [mail.link for mail in site.mails(to=to) if mail.subject == SUBJECT]


def ask_for_reset(site: Site, person: Person) -> str:
    """Ask for a link from somewhere, and return it as the mail has it."""
    before = len(links(site, person.address))
    ask(site.visitor("198.51.100.3"), person.username)
    site.run_task(TASK)
    (link,) = links(site, person.address)[before:]
    return link


def open_link(visitor: Visitor, link: str, status: int = 200) -> Any:
    """Follow the link to the page that it leads to."""
    return visitor.get(link, status=303).follow(status=status)


def choose(
    visitor: Visitor, new: str = NEW, answer: str = "", again: str | None = None, status: Any = 303
) -> Any:
    """Send the form of the page that the jar carries a link for, with a code if it takes one."""
    return send(visitor.get(RESET, status=200), new, answer, again, status)


def send(page: Any, new: str, answer: str = "", again: str | None = None, status: Any = 303) -> Any:
    """Fill in the form of a page that is open, and send it."""
    ids = ("totp-auth-form", "recovery-auth-form", "reset-password-form")
    form = next(page.forms[id] for id in ids if id in page.forms)
    form["new_password"], form["password_confirm"] = new, new if again is None else again
    for name in ("totp_value", "recovery_code_value"):
        if name in form.fields:
            form[name] = answer
    return form.submit(status=status)


def choose_with_key(
    visitor: Visitor, credential: dict[str, Any], new: str = NEW, status: int = 200
) -> Any:
    """Send the answer of a security key with the new password, as the script does."""
    fields = {
        "credential": json.dumps(credential),
        "new_password": new,
        "password_confirm": new,
        "csrf_token": visitor.csrf_token(),
    }
    path = f"{RESET}validate?factor=webauthn-authenticate"
    return visitor.post(path, fields, status=status)


def key_answer(visitor: Visitor, person: Person) -> dict[str, Any]:
    """Ask for options for the link that the jar carries, and answer with the key."""
    options = visitor.get(f"{RESET}options?factor=webauthn-authenticate", status=200).json
    return person.key.get(options, visitor.origin)
