"""The offer of a passkey on the overview: to whom, and no longer once it was declined."""

import pytest

from tests.common.people import Person
from tests.common.site import Site
from tests.common.visitor import Visitor

OVERVIEW = "/manage/account/"


def is_offered(visitor: Visitor) -> bool:
    return bool(visitor.get(OVERVIEW, status=200).html.select("[data-passkey-offer]"))


@pytest.mark.parametrize(("totp", "key"), [(True, False), (False, True)])
def test_after_a_login_with_the_password_a_passkey_is_offered(
    site: Site, visitor: Visitor, totp: bool, key: bool
) -> None:
    visitor.log_in(site.person("alice", totp=totp, key=key))

    offer = visitor.get(OVERVIEW, status=200).html.select_one("[data-passkey-offer]")

    assert offer.has_attr("hidden"), "until the script knows that this device can keep one"
    assert offer.a["href"] == "/manage/account/webauthn-provision?kind=passkey"


def test_who_has_a_passkey_is_offered_none(site: Site, visitor: Visitor) -> None:
    visitor.log_in(site.person("carol", totp=True, passkey=True))

    assert not is_offered(visitor)


def test_who_declines_is_not_asked_again_in_that_browser(
    site: Site, visitor: Visitor, user_with_totp: Person
) -> None:
    visitor.log_in(user_with_totp)

    visitor.form(OVERVIEW, "passkey-offer-form").submit(status=303).follow(status=200)

    assert not is_offered(visitor)
    visitor.form("/account/logout/", "logout-form").submit(status=303)
    site.clock.advance(minutes=2)
    visitor.log_in(user_with_totp)
    assert not is_offered(visitor)


def test_another_browser_is_asked_for_itself(
    site: Site, visitor: Visitor, user_with_totp: Person
) -> None:
    visitor.log_in(user_with_totp)
    visitor.form(OVERVIEW, "passkey-offer-form").submit(status=303)
    site.clock.advance(minutes=2)
    other = site.visitor()

    other.log_in(user_with_totp)

    assert is_offered(other)
