"""The home page, and where to report a vulnerability."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.common.people import Person
from tests.common.production import production_site
from tests.common.site import Site
from tests.common.visitor import Visitor

SECURITY_TXT = "/.well-known/security.txt"


def test_the_start_page_offers_a_stranger_to_register_and_to_log_in(visitor: Visitor) -> None:
    page = visitor.get("/", status=200)

    offered = {link["href"] for link in page.html.select("main a")}
    assert offered == {"/account/register/", "/account/login/"}


def test_the_start_page_shows_what_there_is_to_choose_and_what_helps_when_it_is_lost(
    visitor: Visitor,
) -> None:
    page = visitor.get("/", status=200).html

    choices = [choice.h3.text for choice in page.select(".choices > .choice")]
    assert choices == ["Security key", "Passkey", "Authenticator app"]
    assert page.select_one(".choice-wide h3").text == "Recovery codes"
    drawings = [drawing["src"].split("?")[0] for drawing in page.select("main .drawing")]
    assert len(set(drawings)) == 4


def test_the_start_page_knows_who_is_logged_in(visitor: Visitor, user_with_totp: Person) -> None:
    visitor.log_in(user_with_totp)

    page = visitor.get("/", status=200)

    assert "alice" in page.html.select_one(".site-menu").text
    assert page.html.select("main a[href='/account/login/']") == []


def test_the_site_has_the_name_of_the_settings(database_url: str) -> None:
    name = 'Test <Index> & "Co"'
    with production_site(database_url, site_name=name) as site:
        page = site.visitor().get("/", status=200)

    assert page.html.title.text.endswith(name)
    assert page.html.select("title ~ index") == []


def test_only_development_shows_the_way_to_the_mailbox(visitor: Visitor, database_url: str) -> None:
    with production_site(database_url) as site:
        in_production = site.visitor().get("/", status=200)

    in_development = visitor.get("/", status=200)

    assert "/dev/mail/" in in_development.text
    assert "/dev/mail/" not in in_production.text


# RFC 9116


def fields_of(text: str) -> list[tuple[str, str]]:
    """Parse security.txt strictly, RFC 9116 §5: every line is a field."""
    assert text.endswith("\n")
    fields = []
    for line in text.splitlines():
        name, separator, value = line.partition(": ")
        assert separator, line
        assert value == value.strip() != "", line
        fields.append((name, value))
    return fields


def test_security_txt_has_the_fields_that_it_must(site: Site, visitor: Visitor) -> None:
    answer = visitor.get(SECURITY_TXT, status=200)

    fields = fields_of(answer.text)
    assert (answer.content_type, answer.charset.lower()) == ("text/plain", "utf-8")
    assert [name for name, _ in fields] == [
        "Contact",
        "Expires",
        "Preferred-Languages",
        "Canonical",
    ]
    assert dict(fields)["Contact"] == site.settings.security_contact
    assert dict(fields)["Canonical"] == f"{site.origin}{SECURITY_TXT}"


@pytest.mark.parametrize("days", [0, 300, 5000])
def test_security_txt_never_expires_while_the_site_runs(
    site: Site, visitor: Visitor, days: int
) -> None:
    """RFC 9116 §2.5.5 recommends less than a year."""
    site.clock.advance(days=days)

    expires = dict(fields_of(visitor.get(SECURITY_TXT, status=200).text))["Expires"]

    moment = datetime.strptime(expires, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    assert timedelta(days=30) < moment - site.clock.now() < timedelta(days=365)


@pytest.mark.parametrize(
    "contact", ["mailto:security@pypi.example", "https://pypi.example/report?a=b"]
)
def test_security_txt_names_the_contact_of_the_operator(database_url: str, contact: str) -> None:
    with production_site(database_url, security_contact=contact) as site:
        answer = site.visitor().get(SECURITY_TXT, status=200)

    fields = dict(fields_of(answer.text))
    assert fields["Contact"] == contact
    assert fields["Canonical"].startswith("https://")
