"""Everybody who may come to a page: how far they have got."""

from collections.abc import Callable, Mapping

from tests.common.registering import NEWTON, register
from tests.common.resetting import ask_for_reset
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


def _with_reset_link(site: Site) -> Visitor:
    alice = site.person("alice", totp=True, key=True)
    visitor = site.visitor()
    visitor.get(ask_for_reset(site, alice), status=303)
    return visitor


def _logged_in(site: Site) -> Visitor:
    alice, visitor = site.person("alice", totp=True, key=True), site.visitor()
    visitor.give_password(alice)
    visitor.give_key(alice)
    return visitor


def _logged_in_long_ago(site: Site) -> Visitor:
    visitor = _logged_in(site)
    site.clock.advance(minutes=31)
    # Here again: when a session was used last is noted now, not when a test looks.
    visitor.get("/account/logout/", status=200)
    return visitor


def _reduced(site: Site) -> Visitor:
    alice, visitor = site.person("alice", totp=True, key=True), site.visitor()
    visitor.give_password(alice)
    visitor.give_key(alice)
    visitor.make_recovery_codes(alice)
    visitor.form("/account/logout/", "logout-form").submit(status=303)
    visitor.give_password(alice)
    visitor.give_recovery_code(alice.recovery_codes.pop())
    return visitor


STANDINGS: Mapping[str, Callable[[Site], Visitor]] = {
    "a stranger": lambda site: site.visitor(),
    "with a mailed link": _with_link,
    "with a reset link": _with_reset_link,
    "owing a code": _owing(totp=True),
    "owing an assertion": _owing(key=True),
    "unverified": _unverified,
    "without a factor": _without_factor,
    "logged in": _logged_in,
    "logged in long ago": _logged_in_long_ago,
    "logged in with a recovery code": _reduced,
}
