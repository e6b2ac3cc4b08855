"""Everybody who may come to a page: how far they have got."""

from collections.abc import Callable, Mapping

from tests.common.registering import NEWTON, register
from tests.common.site import Site
from tests.common.visitor import PROVISION_TOTP, Visitor


def _owing(*, totp: bool = False, key: bool = False) -> Callable[[Site], Visitor]:
    def build(site: Site) -> Visitor:
        visitor = site.visitor()
        visitor.give_password(site.person("alice", totp=totp, key=key))
        return visitor

    return build


def _with_link(site: Site) -> Visitor:
    register(site.visitor(address="198.51.100.2"))
    (mail,) = site.mails(to=NEWTON["email"])
    visitor = site.visitor()
    visitor.get(mail.link, status=303)
    return visitor


def _unverified(site: Site) -> Visitor:
    visitor = site.visitor()
    visitor.give_password(site.person("erin", verified=False))
    return visitor


def _without_factor(site: Site) -> Visitor:
    visitor = site.visitor()
    visitor.give_password(site.person("dave"))
    visitor.get(PROVISION_TOTP, status=200)
    return visitor


def _logged_in(site: Site) -> Visitor:
    visitor = site.visitor()
    visitor.log_in(site.person("alice", totp=True, key=True))
    return visitor


STANDINGS: Mapping[str, Callable[[Site], Visitor]] = {
    "a stranger": lambda site: site.visitor(),
    "with a mailed link": _with_link,
    "owing a code": _owing(totp=True),
    "owing an assertion": _owing(key=True),
    "unverified": _unverified,
    "without a factor": _without_factor,
    "logged in": _logged_in,
}
