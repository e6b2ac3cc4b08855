"""Somebody registers with the address of somebody else, before its owner comes."""

import pytest

from tests.common.registering import NEWTON, register
from tests.common.resetting import TASK, ask
from tests.common.site import Site
from tests.common.visitor import PROVISION_KEY, PROVISION_TOTP, Visitor

UNVERIFIED = "/manage/unverified-account/"
VERIFY = "/account/verify-email/"


def verify(site: Site, visitor: Visitor) -> None:
    """Open the last link that was mailed to the address, and press the button."""
    visitor.get(site.mails(to=NEWTON["email"])[-1].link, status=303)
    visitor.form(VERIFY, "verify-form").submit("decision", value="verify")


@pytest.mark.attack("P-106")
def test_an_account_with_the_address_of_somebody_else_gets_no_factor_and_no_mail(
    site: Site,
) -> None:
    mallory, newton = site.visitor("198.51.100.6"), site.visitor()
    register(mallory, username="mallory")
    claim = site.mails(to=NEWTON["email"])[-1].link
    for path in (PROVISION_TOTP, PROVISION_KEY, "/manage/account/emails/"):
        assert UNVERIFIED in mallory.get(path, status=303).location

    register(newton)
    verify(site, newton)
    before = len(site.mails())
    mallory.get(claim, status=303)
    mallory.form(VERIFY, "verify-form").submit("decision", value="verify", status=410)
    ask(site.visitor("198.51.100.7"), "mallory")
    site.run_task(TASK)

    assert len(site.mails()) == before
    assert UNVERIFIED in mallory.get("/manage/account/", status=303).location
    newton.get("/manage/account/two-factor/", status=200)
    assert site.rows("SELECT username FROM users WHERE verified_at IS NOT NULL") == [("newton",)]


@pytest.mark.attack("P-106")
def test_an_account_that_was_registered_for_somebody_is_theirs_only_if_they_say_so(
    site: Site,
) -> None:
    """Its owner who verifies it sees its name first, and can say that it is not theirs."""
    mallory = site.visitor("198.51.100.6")
    register(mallory, username="mallory")
    owner = site.visitor()
    owner.get(site.mails(to=NEWTON["email"])[-1].link, status=303)

    page = owner.get(VERIFY, status=200)
    page.forms["disown-form"].submit("decision", value="disown", status=200)

    assert "mallory" in page.html.select_one("main").text
    assert site.rows("SELECT address FROM emails") == []
    assert UNVERIFIED in mallory.get(PROVISION_TOTP, status=303).location
