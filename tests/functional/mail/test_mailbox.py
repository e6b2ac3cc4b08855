"""The mailbox page: in development only, the mails that were sent."""

from datetime import datetime, timedelta

import pytest

from tests.common.production import production_site
from tests.common.registering import NEWTON, register
from tests.common.site import Site
from tests.common.visitor import Visitor
from warehouse_mfa.mail.interfaces import IMailer

MAILBOX = "/dev/mail/"
JSON = {"Accept": "application/json"}


def test_an_empty_mailbox_says_so(visitor: Visitor) -> None:
    page = visitor.get(MAILBOX, status=200)

    assert page.html.select("article") == []
    assert "No mail yet" in page.html.select_one("main").text
    assert visitor.get(MAILBOX, headers=JSON, status=200).json == []


def test_a_mail_is_shown_with_its_link_to_click(site: Site, visitor: Visitor) -> None:
    register(visitor)
    (mail,) = site.mails()

    page = visitor.get(MAILBOX, status=200)

    (article,) = page.html.select("article")
    links = {link["href"]: link for link in article.select("pre a")}
    assert article.select_one("h2").text == mail.subject
    assert NEWTON["email"] in article.select_one(".mail-head").text
    assert "noreferrer" in links[f"{site.origin}{mail.link}"]["rel"]


def test_programs_get_the_mails_in_json(site: Site, visitor: Visitor) -> None:
    register(visitor)
    (mail,) = site.mails()

    answer = visitor.get(MAILBOX, headers=JSON, status=200)

    (item,) = answer.json
    assert item.keys() == {"to", "subject", "text", "html", "sent"}
    assert [item[name] for name in ("to", "subject", "text", "html")] == [
        mail.to,
        mail.subject,
        mail.text,
        mail.html,
    ]
    assert datetime.fromisoformat(item["sent"]) == site.clock.now()
    assert datetime.fromisoformat(item["sent"]).utcoffset() == timedelta(0)


def test_the_newest_mail_comes_first(site: Site) -> None:
    for name in ("ada", "bea", "cleo"):
        register(site.visitor(), username=name, email=f"{name}@example.org")

    answer = site.visitor().get(MAILBOX, headers=JSON, status=200)

    assert [item["to"].partition("@")[0] for item in answer.json] == ["cleo", "bea", "ada"]


def test_the_mailbox_shows_the_last_hundred(site: Site, visitor: Visitor) -> None:
    with site.scope() as request:
        mailer = request.find_service(IMailer)
        for number in range(101):
            mailer.send(
                f"p{number}@example.org",
                "address-taken",
                locale="en",
                username="p",
            )

    answer = visitor.get(MAILBOX, headers=JSON, status=200)

    assert len(answer.json) == 100
    assert answer.json[0]["to"] == "p100@example.org"


@pytest.mark.attack("P-069")
def test_what_people_typed_does_not_become_markup(site: Site, visitor: Visitor) -> None:
    register(visitor)
    site.change(
        "UPDATE mails SET subject = '<script>1</script>', text = '<b>x</b> http://a/\"onx=1'"
    )

    page = visitor.get(MAILBOX, status=200)

    assert page.html.select("article script, article b") == []
    assert all("onx" not in link.attrs for link in page.html.select("article a"))


@pytest.mark.parametrize("headers", [{}, JSON])
def test_in_production_there_is_no_mailbox(database_url: str, headers: dict[str, str]) -> None:
    with production_site(database_url) as site:
        site.visitor().get(MAILBOX, headers=headers, status=404)


def test_looking_at_the_mailbox_sends_nothing_again(site: Site, visitor: Visitor) -> None:
    register(visitor)
    before = site.rows("SELECT * FROM mails")

    visitor.get(MAILBOX, status=200)

    assert site.rows("SELECT * FROM mails") == before
