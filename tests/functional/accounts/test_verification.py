"""The link that verifies an address: what it does, what voids it, and what it never does."""

from typing import Any

import pytest

from tests.common.people import Person
from tests.common.registering import register
from tests.common.site import Mail, Site
from tests.common.visitor import Visitor

PAGE = "/account/verify-email/"
WAITING = "/manage/unverified-account/"
FACTORS = "/manage/account/two-factor/"


@pytest.fixture
def newton(site: Site) -> Visitor:
    """The browser of somebody who has just registered."""
    visitor = site.visitor(address="192.0.2.50")
    register(visitor)
    return visitor


@pytest.fixture
def mail(site: Site, newton: Visitor) -> Mail:
    """The mail with Newton's link."""
    (mail,) = site.mails(to="newton@example.org")
    return mail


def open_link(visitor: Visitor, link: str, status: int = 200) -> Any:
    return visitor.get(link, status=303).follow(status=status)


def decide(visitor: Visitor, link: str, decision: str = "verify", status: int = 200) -> Any:
    form = open_link(visitor, link).forms["verify-form" if decision == "verify" else "disown-form"]
    return form.submit("decision", value=decision, status=status)


def is_verified(site: Site, address: str = "newton@example.org") -> bool:
    at = site.value("SELECT verified_at FROM emails WHERE address = :address", address=address)
    return at is not None


# Verifying


@pytest.mark.attack("P-096")
def test_the_link_verifies_the_address_of_that_account(
    site: Site, newton: Visitor, mail: Mail
) -> None:
    page = decide(newton, mail.link, status=303).follow(status=200)

    assert "Your address is verified." in page.html.select_one(".flash").text
    assert page.request.path == FACTORS
    assert is_verified(site)
    assert site.value("SELECT verified_at FROM users") is not None


def test_verifying_is_recorded_once(site: Site, newton: Visitor, mail: Mail) -> None:
    decide(newton, mail.link, status=303)

    assert site.tags() == ["account:registered", "account:email:verified"]


@pytest.mark.attack("P-096")
def test_the_token_leaves_the_url_at_once(newton: Visitor, mail: Mail) -> None:
    token = mail.link.partition("token=")[2]

    answer = newton.get(mail.link, status=303)

    assert answer.location.endswith(PAGE)
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert token not in newton.get(PAGE, status=200)
    assert token not in str(newton.cookies)


@pytest.mark.attack("P-096")
@pytest.mark.parametrize("method", ["get", "head"])
def test_a_scanner_that_opens_the_link_changes_nothing(
    site: Site, newton: Visitor, mail: Mail, method: str
) -> None:
    scanner = site.visitor(agent="Mail scanner")
    before = site.rows("SELECT * FROM mailed_tokens"), site.rows("SELECT * FROM emails")

    ask = getattr(scanner, method)
    ask(mail.link, status=303)
    ask(PAGE, status=200)

    assert (site.rows("SELECT * FROM mailed_tokens"), site.rows("SELECT * FROM emails")) == before
    decide(newton, mail.link, status=303)
    assert is_verified(site)


@pytest.mark.attack("P-096")
def test_a_link_opened_on_another_device_verifies_and_logs_nobody_in(
    site: Site, visitor: Visitor, mail: Mail
) -> None:
    page = decide(visitor, mail.link)

    assert page.html.h1.text == "Your address is verified"
    assert is_verified(site)
    assert visitor.cookie("session") is None
    assert page.html.select_one(".site-menu-person") is None
    assert "/account/login/" in visitor.get("/manage/account/two-factor/", status=303).location


@pytest.mark.attack("P-096")
def test_a_link_opened_in_the_session_of_another_person_is_about_its_own_account(
    site: Site, visitor: Visitor, mallory: Person, mail: Mail
) -> None:
    visitor.log_in(mallory)

    page = decide(visitor, mail.link)

    assert page.html.select_one(".site-menu-person bdi").text == "mallory"
    assert site.rows(
        "SELECT username FROM users JOIN emails ON emails.user_id = users.id"
        " WHERE emails.verified_at IS NOT NULL ORDER BY username"
    ) == [("mallory",), ("newton",)]
    assert site.rows("SELECT address FROM emails WHERE verified_at IS NOT NULL") != []
    assert "mallory" in visitor.get("/manage/account/", status=200)


def test_the_page_shows_whose_address_it_is(visitor: Visitor, mail: Mail) -> None:
    page = open_link(visitor, mail.link)

    facts = [fact.text for fact in page.html.select("dl.facts bdi")]
    assert facts == ["newton@example.org", "newton"]


# What voids it


@pytest.mark.attack("P-096")
def test_the_link_works_once(site: Site, newton: Visitor, visitor: Visitor, mail: Mail) -> None:
    decide(newton, mail.link, status=303)

    refused = open_link(visitor, mail.link, status=410)

    assert "This link does not work any more" in refused
    assert site.tags().count("account:email:verified") == 1


@pytest.mark.attack("P-096")
def test_a_page_that_was_open_before_the_link_was_used_is_refused(
    site: Site, newton: Visitor, visitor: Visitor, mail: Mail
) -> None:
    form = open_link(visitor, mail.link).forms["disown-form"]
    decide(newton, mail.link, status=303)

    form.submit("decision", value="disown", status=410)

    assert is_verified(site)


@pytest.mark.attack("P-096")
def test_the_link_works_to_the_end_of_its_day_and_not_longer(
    site: Site, newton: Visitor, mail: Mail
) -> None:
    site.clock.advance(hours=23, minutes=59)
    form = open_link(newton, mail.link).forms["verify-form"]
    site.clock.advance(minutes=1)

    form.submit("decision", value="verify", status=410)
    open_link(newton, mail.link, status=410)

    assert not is_verified(site)


@pytest.mark.attack("P-096")
def test_the_link_is_void_when_the_address_was_replaced(
    site: Site, newton: Visitor, mail: Mail
) -> None:
    form = newton.form(WAITING, "change-email-form")
    form["email"] = "isaac@example.org"
    form.submit(status=303)

    open_link(newton, mail.link, status=410)

    assert not is_verified(site, "isaac@example.org")


@pytest.mark.attack("P-096")
def test_the_link_is_void_when_the_account_changed(site: Site, newton: Visitor, mail: Mail) -> None:
    site.change("UPDATE users SET security_epoch = security_epoch + 1")

    open_link(newton, mail.link, status=410)

    assert not is_verified(site)


@pytest.mark.attack("P-096")
def test_a_link_for_another_purpose_does_not_verify(
    site: Site, newton: Visitor, mail: Mail
) -> None:
    site.change("UPDATE mailed_tokens SET purpose = 'reset-password'")

    open_link(newton, mail.link, status=410)

    assert not is_verified(site)


@pytest.mark.attack("P-096")
@pytest.mark.parametrize(
    "token", ["", "x", "A" * 22, "A" * 23, "A" * 5000, "%2e%2e%2f", "%F0%9F%94%91" * 6, "null"]
)
def test_a_token_that_is_not_ours_is_refused(site: Site, newton: Visitor, token: str) -> None:
    refused = open_link(newton, f"{PAGE}?token={token}", status=410)

    assert "This link does not work any more" in refused
    assert not is_verified(site)


@pytest.mark.attack("P-096")
def test_every_character_of_the_token_counts(site: Site, newton: Visitor, mail: Mail) -> None:
    token = mail.link.partition("token=")[2]

    for place, character in enumerate(token):
        other = token[:place] + ("A" if character != "A" else "B") + token[place + 1 :]
        open_link(newton, f"{PAGE}?token={other}", status=410)

    assert not is_verified(site)


def test_without_a_link_there_is_nothing_to_verify(site: Site, newton: Visitor) -> None:
    newton.get(PAGE, status=410)
    newton.post_form(PAGE, {"decision": "verify"}, status=410)

    assert not is_verified(site)


@pytest.mark.parametrize("fields", [{}, {"decision": ""}, {"decision": "both"}])
def test_the_page_wants_a_decision(
    site: Site, newton: Visitor, mail: Mail, fields: dict[str, str]
) -> None:
    open_link(newton, mail.link)

    newton.post_form(PAGE, fields, status=400)

    assert not is_verified(site)
    assert site.value("SELECT used_at FROM mailed_tokens") is None


def test_the_link_is_forgotten_by_the_browser_once_it_was_used(newton: Visitor, mail: Mail) -> None:
    decide(newton, mail.link, status=303)

    assert newton.cookie("mailed") is None


# Somebody else's address


def test_whoever_reads_the_address_can_say_that_the_account_is_not_theirs(
    site: Site, visitor: Visitor, mail: Mail
) -> None:
    page = decide(visitor, mail.link, "disown")

    assert page.html.h1.text == "The address is removed"
    assert site.rows("SELECT * FROM emails") == []
    assert site.tags() == ["account:registered", "account:email:disowned"]


def test_an_address_that_was_disowned_cannot_be_verified_any_more(
    site: Site, newton: Visitor, visitor: Visitor, mail: Mail
) -> None:
    decide(visitor, mail.link, "disown")

    open_link(newton, mail.link, status=410)
    page = newton.get(WAITING, status=200)

    assert "Your account has no address any more." in page
    assert site.value("SELECT verified_at FROM users") is None


def test_disowning_does_not_touch_who_is_logged_in_with_the_link(
    site: Site, visitor: Visitor, user_with_totp: Person, mail: Mail
) -> None:
    visitor.log_in(user_with_totp)

    decide(visitor, mail.link, "disown")

    assert site.rows("SELECT address FROM emails") == [("alice@example.org",)]
    assert "alice" in visitor.get("/manage/account/", status=200)


def test_a_verified_address_cannot_be_disowned_with_an_older_link(
    site: Site, newton: Visitor, visitor: Visitor, mail: Mail
) -> None:
    send_again(newton)
    newer = site.mails(to="newton@example.org")[-1]
    decide(newton, newer.link, status=303)

    open_link(visitor, mail.link, status=410)

    assert is_verified(site)


def send_again(visitor: Visitor) -> None:
    page = visitor.get(WAITING, status=200)
    email_id = page.html.select_one("[name=reverify_email_id]")["value"]
    visitor.post_form(WAITING, {"reverify_email_id": email_id}, status=303)


def test_the_address_belongs_to_who_verifies_it_first(
    site: Site, newton: Visitor, visitor: Visitor, mail: Mail
) -> None:
    other = site.visitor()
    register(other, username="leibniz")
    second = site.mails(to="newton@example.org")[-1]
    decide(other, second.link, status=303)

    form = open_link(newton, mail.link).forms["verify-form"]
    refused = form.submit("decision", value="verify", status=410)

    assert "This address belongs to another account" in refused
    assert site.rows(
        "SELECT username FROM users JOIN emails ON emails.user_id = users.id"
        " WHERE emails.verified_at IS NOT NULL"
    ) == [("leibniz",)]
