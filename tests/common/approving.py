"""Logins that wait for a mailed approval, as people meet them."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

from tests.common.people import Person
from tests.common.site import Site
from tests.common.visitor import Visitor
from warehouse_mfa.factors.interfaces import IFactorService
from warehouse_mfa.login.interfaces import IHeldLoginService, ILoginService

WAITING = "/account/waiting/"
MAIL_AGAIN = f"{WAITING}mail"
STATE = f"{WAITING}state"
CONFIRM = "/account/confirm-login/"
SUBJECT = "Is this you logging in to Package Index?"


def links(site: Site, to: str) -> list[str]:
    """Return the links that were mailed to an address, oldest first, as paths."""
    return [mail.link for mail in site.mails(to=to) if mail.subject == SUBJECT]


def open_link(visitor: Visitor, link: str, status: int = 200) -> Any:
    """Follow the link to the page that it leads to."""
    return visitor.get(link, status=303).follow(status=status)


def approve(visitor: Visitor, link: str, status: int = 200) -> Any:
    return open_link(visitor, link).forms["approve-form"].submit("decision", status=status)


def refuse(visitor: Visitor, link: str) -> Any:
    return open_link(visitor, link).forms["refuse-form"].submit("decision", status=200)


def go_on(visitor: Visitor, status: int = 303) -> Any:
    """Press the button of the page that waits."""
    return visitor.form(WAITING, "waiting-form").submit(status=status)


def wait(site: Site, visitor: Visitor, person: Person) -> str:
    """Get as far as the page that waits; return the link that was mailed."""
    visitor.give_password(person)
    answer = visitor.give_code(person.code())
    assert answer.location.endswith(WAITING)
    return links(site, person.address)[-1]


def hold(site: Site, visitor: Visitor, person: Person) -> str:
    """Let a login wait at a site whose setting asks for no approval; return the link."""
    visitor.give_password(person)
    secret = urlsafe_b64decode(f"{visitor.cookie('login')}=")
    with site.scope() as request:
        pending = request.find_service(ILoginService).pending(secret, None)
        factor = request.find_service(IFactorService).named("totp")
        held = request.find_service(IHeldLoginService).hold(
            pending, factor, "Phone", is_to_remember=False
        )
    cookie = urlsafe_b64encode(held).rstrip(b"=").decode()
    visitor.set_cookie(site.settings.cookie_names % "waiting", cookie)
    return links(site, person.address)[-1]
