"""The profile: name, public address, language, and the time zone that times are shown in."""

from typing import Any

import pytest

from tests.common.answers import refusals
from tests.common.people import Person
from tests.common.site import Site
from tests.common.tables import dump
from tests.common.visitor import Visitor

PAGE = "/manage/account/profile/"
LANDING = "/manage/account/"
EMAILS = "/manage/account/emails/"
PUBLIC = "SELECT address FROM emails WHERE is_public"
KEPT = "SELECT name, locale, time_zone FROM users"


@pytest.fixture
def alice(visitor: Visitor, user_with_totp: Person) -> Person:
    """Alice, logged in as `visitor`."""
    visitor.log_in(user_with_totp)
    return user_with_totp


def change(visitor: Visitor, status: int = 303, **fields: str) -> Any:
    """Send the form with some fields changed, whatever its lists offer."""
    form = visitor.form(PAGE, "profile-form")
    sent = {name: form[name].value for name in form.fields if name}
    return visitor.post(LANDING, {**sent, **fields}, status=status)


def test_the_form_shows_what_is_kept(visitor: Visitor, alice: Person) -> None:
    form = visitor.form(PAGE, "profile-form")

    assert [form[name].value for name in ("name", "public_email", "language", "time_zone")] == [
        alice.name,
        "",
        "en",
        "UTC",
    ]


def test_what_is_changed_is_kept(site: Site, visitor: Visitor, alice: Person) -> None:
    page = change(
        visitor,
        name="Alice Liddell",
        public_email=alice.address,
        language="fr",
        time_zone="Europe/Paris",
    ).follow(status=200)

    assert page.html.html["lang"] == "fr"
    assert "Alice Liddell" in page
    assert site.rows(KEPT) == [("Alice Liddell", "fr", "Europe/Paris")]
    assert site.rows(PUBLIC) == [(alice.address,)]


def test_a_public_address_can_be_hidden_again(site: Site, visitor: Visitor, alice: Person) -> None:
    change(visitor, public_email=alice.address)

    change(visitor, public_email="")

    assert site.rows(PUBLIC) == []


def test_one_address_is_public_at_most(site: Site, visitor: Visitor, alice: Person) -> None:
    visitor.post_form(EMAILS, {"email": "alice@example.net"}, status=303)
    site.change("UPDATE emails SET verified_at = created_at")
    change(visitor, public_email=alice.address)

    change(visitor, public_email="alice@example.net")

    assert site.rows(PUBLIC) == [("alice@example.net",)]


@pytest.mark.parametrize("whose", ["a claim", "somebody else's", "nobody's"])
def test_only_a_verified_address_of_ones_own_becomes_public(
    site: Site, visitor: Visitor, alice: Person, whose: str
) -> None:
    visitor.post_form(EMAILS, {"email": "claimed@example.net"}, status=303)
    addresses = {
        "a claim": "claimed@example.net",
        "somebody else's": site.person("bob").address,
        "nobody's": "nobody@example.org",
    }
    before = dump(site)

    refused = change(visitor, 422, public_email=addresses[whose])

    assert refusals(refused) == ["Choose one of the list."]
    assert dump(site) == before


def test_an_address_that_is_removed_is_not_public_any_more(
    site: Site, visitor: Visitor, alice: Person
) -> None:
    visitor.post_form(EMAILS, {"email": "alice@example.net"}, status=303)
    site.change("UPDATE emails SET verified_at = created_at")
    change(visitor, public_email="alice@example.net")
    page = visitor.get(EMAILS, status=200)
    id = page.html.find("button", {"name": "delete_email_id"})["value"]

    visitor.post_form(EMAILS, {"delete_email_id": id}, status=303)

    assert site.rows(PUBLIC) == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "a" * 101),
        ("name", "a\u202eb"),
        ("language", "tlh"),
        ("time_zone", "Mars/Olympus"),
        ("time_zone", "../../etc/passwd"),
        ("time_zone", ""),
    ],
)
def test_what_cannot_be_is_refused_and_shown_again(
    site: Site, visitor: Visitor, alice: Person, field: str, value: str
) -> None:
    before = dump(site)

    refused = change(visitor, 422, **{field: value})

    assert len(refusals(refused)) == 1
    assert refused.html.find(id=field)["aria-invalid"] == "true"
    assert dump(site) == before


def test_times_are_shown_in_the_time_zone(site: Site, visitor: Visitor, alice: Person) -> None:
    in_utc = visitor.get("/manage/account/history/", status=200)

    change(visitor, time_zone="Asia/Kolkata")

    page = visitor.get("/manage/account/history/", status=200)
    before, after = (one.html.select("tbody time")[-1] for one in (in_utc, page))
    assert before["datetime"] == after["datetime"]
    assert before["title"] != after["title"]
    assert "GMT+05:30" in after["title"]
    assert "Asia/Kolkata" in page.html.select_one(".history-remark").text


def test_a_mail_tells_times_in_utc(site: Site, visitor: Visitor, alice: Person) -> None:
    change(visitor, time_zone="Asia/Kolkata")
    visitor.post_form(EMAILS, {"email": "alice@example.net"}, status=303)

    (notice,) = [mail for mail in site.mails(to=alice.address) if "Another" in mail.subject]
    assert "UTC" in notice.html
    assert "+05:30" not in notice.html


def test_a_zone_that_is_not_known_any_more_is_utc(
    site: Site, visitor: Visitor, alice: Person
) -> None:
    site.change("UPDATE users SET time_zone = 'Mars/Olympus'")

    visitor.get("/manage/account/history/", status=200)


def test_it_needs_no_step_up(site: Site, visitor: Visitor, alice: Person) -> None:
    site.clock.advance(minutes=40)

    change(visitor, name="Alice Liddell").follow(status=200)


def test_the_overview_leads_there(visitor: Visitor, alice: Person) -> None:
    assert visitor.get(LANDING, status=200).html.find("a", href=PAGE) is not None
