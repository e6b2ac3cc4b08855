"""The page where a new account waits: another address, the mail again, and the way on."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest

from tests.common.answers import face, refusals
from tests.common.people import Person
from tests.common.registering import register
from tests.common.site import HTTPS, Site
from tests.common.visitor import Visitor

WAITING = "/manage/unverified-account/"
TWO_FACTOR = "/manage/account/two-factor/"
BAD_ADDRESS = "This does not look like an email address. Check it, such as name@example.org."


@pytest.fixture
def newton(site: Site) -> Visitor:
    """The browser of somebody who has just registered."""
    visitor = site.visitor(address="192.0.2.50")
    register(visitor)
    return visitor


def change_address(visitor: Visitor, address: str, status: int = 303) -> Any:
    form = visitor.form(WAITING, "change-email-form")
    form["email"] = address
    return form.submit(status=status)


def send_again(visitor: Visitor, email_id: str | None = None) -> Any:
    page = visitor.get(WAITING, status=200)
    known = page.html.select_one("[name=reverify_email_id]")["value"]
    fields = {"reverify_email_id": known if email_id is None else email_id}
    return visitor.post_form(WAITING, fields, status=303)


def verify(site: Site, link: str) -> None:
    page = site.visitor(agent="Phone").get(link, status=303).follow()
    page.forms["verify-form"].submit("decision", value="verify", status=200)


# Another address


def test_an_unverified_address_can_be_replaced(site: Site, newton: Visitor) -> None:
    page = change_address(newton, "isaac@example.org").follow(status=200)

    assert page.html.select_one("bdi.strong").text == "isaac@example.org"
    assert site.rows("SELECT address, is_primary, verified_at FROM emails") == [
        ("isaac@example.org", True, None)
    ]


def test_replacing_an_address_is_recorded_once(site: Site, newton: Visitor) -> None:
    change_address(newton, "isaac@example.org")

    assert site.tags() == ["account:registered", "account:email:claimed"]


def test_the_new_address_gets_a_link_of_its_own(site: Site, newton: Visitor) -> None:
    change_address(newton, "isaac@example.org")

    (mail,) = site.mails(to="isaac@example.org")
    verify(site, mail.link)
    assert site.value("SELECT verified_at FROM users") is not None


def test_a_replaced_address_may_be_the_same_again(site: Site, newton: Visitor) -> None:
    change_address(newton, "newton@example.org")

    assert len(site.mails(to="newton@example.org")) == 2
    assert site.value("SELECT count(*) FROM emails") == 1


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("", "Enter your email address."),
        ("a" * 250 + "@b.org", "This email address is too long."),
        ("isaac", BAD_ADDRESS),
        ("isaac@example", BAD_ADDRESS),
        ("isaac@example.org\nBcc: all@example.org", BAD_ADDRESS),
    ],
)
def test_what_is_no_address_is_refused_and_the_old_one_stays(
    site: Site, newton: Visitor, typed: str, message: str
) -> None:
    refused = change_address(newton, typed, status=422)

    assert refusals(refused) == [message]
    assert site.rows("SELECT address FROM emails") == [("newton@example.org",)]
    assert len(site.mails()) == 1


def test_a_refused_address_is_kept_in_the_form(newton: Visitor) -> None:
    refused = change_address(newton, "isaac@example", status=422)

    assert refused.forms["change-email-form"]["email"].value == "isaac@example"
    assert refused.html.select_one("#email")["aria-invalid"] == "true"


def test_an_address_that_belongs_to_somebody_gets_the_same_answer(
    site: Site, newton: Visitor, user_with_totp: Person
) -> None:
    other = site.visitor()
    register(other, username="isaacs", email="isaac@example.org")

    taken = change_address(newton, "alice@example.org")
    free = change_address(other, "alicf@example.org")

    assert face(taken) == face(free)
    mails = {mail.to: mail for mail in site.mails()[-2:]}
    assert "/account/verify-email/" not in mails["alice@example.org"].text
    assert "/account/verify-email/" in mails["alicf@example.org"].text


def test_a_verified_address_cannot_be_replaced_here(
    site: Site, visitor: Visitor, user_without_factor: Person
) -> None:
    visitor.give_password(user_without_factor)

    answer = visitor.post_form(WAITING, {"email": "other@example.org"}, status=303)

    assert answer.location.endswith(TWO_FACTOR)
    assert site.rows("SELECT address FROM emails") == [("dave@example.org",)]


# The mail again


def test_the_mail_can_be_sent_again(site: Site, newton: Visitor) -> None:
    page = send_again(newton).follow(status=200)

    assert "it is on its way again" in page
    assert len(site.mails(to="newton@example.org")) == 2


def test_an_account_gets_five_mails_an_hour_and_the_answer_does_not_tell(
    site: Site, newton: Visitor
) -> None:
    answers = [send_again(newton) for _ in range(7)]

    assert len({face(answer) for answer in answers}) == 1
    assert len(site.mails(to="newton@example.org")) == 5


def test_after_an_hour_the_mail_is_sent_again(site: Site, newton: Visitor) -> None:
    for _ in range(5):
        send_again(newton)
    for _ in range(2):
        site.clock.advance(minutes=30)
        newton.get(WAITING, status=200)

    send_again(newton)

    assert len(site.mails(to="newton@example.org")) == 6


def test_changing_the_address_does_not_get_around_the_limit(site: Site, newton: Visitor) -> None:
    for n in range(7):
        change_address(newton, f"isaac{n}@example.org")

    assert len(site.mails()) == 5
    assert site.value("SELECT address FROM emails") == "isaac6@example.org"


def test_mails_to_the_owner_of_a_taken_address_are_limited_together(
    site: Site, user_with_totp: Person
) -> None:
    before = len(site.mails(to="alice@example.org"))

    for n in range(8):
        visitor = site.visitor(address=f"198.51.100.{n}")
        register(visitor, username=f"eve{n}", email="alice@example.org")

    assert len(site.mails(to="alice@example.org")) == before + 5


@pytest.fixture
def strict_site(database_url: str) -> Iterator[Site]:
    """A site that sends three mails per network address and hour."""
    site = Site(database_url, HTTPS, limit_mail_address="3 per hour")
    yield site
    site.reset()
    site.close()


def test_a_network_address_asks_for_so_many_mails_and_the_answer_does_not_tell(
    strict_site: Site,
) -> None:
    answers = [
        register(strict_site.visitor(), username=f"newton{n}", email=f"newton{n}@example.org")
        for n in range(5)
    ]

    assert len({face(answer) for answer in answers}) == 1
    assert len(strict_site.mails()) == 3
    assert strict_site.value("SELECT count(*) FROM users") == 5


def test_somebody_elses_address_is_not_sent_a_mail(
    site: Site, newton: Visitor, user_unverified: Person
) -> None:
    erin = site.value("SELECT id FROM emails WHERE address = 'erin@example.org'")

    other = send_again(newton, str(UUID(str(erin))))
    own = send_again(newton)

    assert face(other) == face(own)
    assert site.mails(to="erin@example.org") == []


@pytest.mark.parametrize("email_id", ["", "1", "x" * 36, "{}", "' OR 1=1--", "💌"])
def test_an_id_that_is_none_sends_nothing(site: Site, newton: Visitor, email_id: str) -> None:
    send_again(newton, email_id)

    assert len(site.mails()) == 1


# The way on


def test_asking_before_the_link_was_opened_says_so(newton: Visitor) -> None:
    page = newton.get(f"{WAITING}?check=1", status=303).follow(status=200)

    assert "The address is not verified yet. Open the link in the mail first." in page


def test_asking_after_the_link_was_opened_on_another_device_leads_on(
    site: Site, newton: Visitor
) -> None:
    verify(site, site.mails()[0].link)

    answer = newton.get(f"{WAITING}?check=1", status=303)

    assert answer.location.endswith(TWO_FACTOR)
    newton.get(TWO_FACTOR, status=200)


def test_the_page_is_for_somebody_who_is_logged_in(visitor: Visitor) -> None:
    shown = visitor.get(WAITING, status=303)
    sent = visitor.post_form(WAITING, {"email": "isaac@example.org"}, status=303)

    assert "/account/login/" in shown.location
    assert "/account/login/" in sent.location
