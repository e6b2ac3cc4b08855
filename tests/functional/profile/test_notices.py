"""Notices: what was told by mail stands in the account too, under the same id."""

import re
from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.common.people import Person
from tests.common.site import Site
from tests.common.visitor import Visitor
from tests.common.watching import statements

NOTICES = "/manage/account/notices/"
LANDING = "/manage/account/"
LINUX = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"


@pytest.fixture
def alice(site: Site, user_with_totp: Person) -> Visitor:
    """Alice, logged in from an address and a browser of her own."""
    visitor = site.visitor(address="198.51.100.9", agent=LINUX)
    visitor.log_in(user_with_totp)
    return visitor


def sentences_on(page: Any) -> list[str]:
    return [line.text for line in page.html.select("#notices .credential-label")]


def number_of_new(page: Any) -> int:
    return len(page.html.select("#notices .notice-unread"))


def test_what_was_mailed_stands_there_newest_first(site: Site, alice: Visitor) -> None:
    page = alice.get(NOTICES, status=200)

    assert sentences_on(page) == [
        "You logged in with a code of the authenticator app Phone.",
        "You added the authenticator app Phone.",
    ]
    newest = page.html.select_one("#notices > li").text
    assert "Firefox on Linux" in newest
    assert "198.51.100.9" in newest
    assert len(site.mails()) == 2


def test_a_mail_leads_to_its_notice_in_text_and_in_html(site: Site, alice: Visitor) -> None:
    page = alice.get(NOTICES, status=200)
    ids = [line["id"] for line in page.html.select("#notices > li")]

    for mail, id in zip(reversed(site.mails()), ids, strict=True):
        for body in (mail.text, mail.html):
            assert re.findall(r"/manage/account/notices/#(notice-[0-9a-f-]+)", body)[0] == id
        # In Arabic, too, an address is read from left to right, its last slash included.
        assert len(re.findall(r'<a dir="ltr" href="http', mail.html)) == 3


def test_a_mail_names_the_press_that_helps_before_the_people_who_do(
    site: Site, alice: Visitor
) -> None:
    for mail in site.mails():
        for body in (mail.text, mail.html):
            assert body.index("/account/not-me/") < body.index("If that does not help, tell")
            assert body.index("If that does not help") < body.index("/.well-known/security.txt")


def test_the_id_is_that_of_the_event(site: Site, alice: Visitor) -> None:
    page = alice.get(NOTICES, status=200)

    newest = page.html.select_one("#notices > li")["id"].removeprefix("notice-")
    event = site.value("SELECT id FROM events WHERE tag = 'account:login:completed'")
    assert UUID(newest) == UUID(str(event))


def test_it_is_told_in_the_language_of_the_reader(alice: Visitor) -> None:
    alice.post_form("/locale/", {"locale_id": "fr", "next": "/"}, status=303)

    page = alice.get(NOTICES, status=200)

    assert page.html.html["lang"] == "fr"
    # The word of the month is another one, whether catalogues are compiled here or not.
    assert page.html.select_one("#notices time")["title"].split()[0].islower()


def test_what_was_not_mailed_does_not_stand_there(site: Site, alice: Visitor) -> None:
    before = len(sentences_on(alice.get(NOTICES)))

    alice.form("/account/logout/", "logout-form").submit(status=303)

    assert "account:logout" in site.tags()
    assert site.value("SELECT count(*) FROM notices") == before


def test_a_mail_that_a_limit_holds_back_is_no_notice(site: Site, alice: Visitor) -> None:
    for n in range(7):
        alice.post_form("/manage/account/emails/", {"email": f"a{n}@example.net"}, status=303)

    told = [one for one in site.mails() if "Another email address" in one.subject]
    assert len(told) == 5
    assert sum("You gave the" in one for one in sentences_on(alice.get(NOTICES))) == 5


def test_new_ones_are_counted_until_they_were_read(site: Site, alice: Visitor) -> None:
    before = alice.get(NOTICES, status=200)
    overview = alice.get(LANDING, status=200)

    after = before.forms["read-notices-form"].submit(status=303).follow(status=200)

    assert number_of_new(before) == 2
    assert "2 new notices" in overview
    assert number_of_new(after) == 0
    assert "read-notices-form" not in after.forms
    assert "new notice" not in alice.get(LANDING, status=200)


def test_looking_does_not_mark_them_as_read(site: Site, alice: Visitor) -> None:
    alice.get(NOTICES, status=200)

    assert site.value("SELECT count(*) FROM notices WHERE read_at IS NULL") == 2


def test_one_that_comes_while_they_are_read_stays_new(
    site: Site, alice: Visitor, user_with_totp: Person
) -> None:
    form = alice.get(NOTICES, status=200).forms["read-notices-form"]
    site.clock.advance(seconds=60)
    site.visitor("203.0.113.66").log_in(user_with_totp)

    page = form.submit(status=303).follow(status=200)

    assert number_of_new(page) == 1
    assert "203.0.113.66" in page.html.select_one("#notices > li").text
    assert "1 new notice" in alice.get(LANDING, status=200)


@pytest.mark.parametrize("newest", ["", "1", "' OR 1=1--"])
def test_a_newest_that_is_none_is_not_found(site: Site, alice: Visitor, newest: str) -> None:
    alice.post_form(f"{NOTICES}read", {"newest": newest}, status=404)

    assert site.value("SELECT count(*) FROM notices WHERE read_at IS NOT NULL") == 0


def test_reading_leaves_those_of_others(site: Site, alice: Visitor, mallory: Person) -> None:
    unread = "SELECT count(*) FROM notices WHERE read_at IS NULL"
    of_all = site.value(unread)

    alice.post_form(f"{NOTICES}read", status=303)

    assert site.value(unread) == of_all - 2 > 0


def test_nobody_sees_what_somebody_else_was_told(
    site: Site, alice: Visitor, mallory: Person
) -> None:
    other = site.visitor()
    other.log_in(mallory)

    page = other.get(NOTICES, status=200)

    assert "198.51.100.9" not in page


def test_the_pages_lead_from_the_newest_to_the_oldest_at_three_statements_each(
    site: Site, alice: Visitor
) -> None:
    _tell(site, 43)
    seen, costs, path = [], [], NOTICES
    while path:
        with statements(site) as sent:
            page = alice.get(path, status=200)
        costs.append(len([one for one in sent if not one.startswith("BEGIN")]))
        seen += [line["id"] for line in page.html.select("#notices > li")]
        older = page.html.find("a", string="Older")
        path = older["href"] if older else None

    assert len(seen) == len(set(seen)) == 45
    assert set(costs) == {3}


def _tell(site: Site, number: int) -> None:
    """Write notices of the first account behind the application's back."""
    columns = "tag, happened_at, subject_id, facts"
    for _ in range(number):
        id = uuid4()
        key = id.hex if site.settings.database_url.get_secret_value()[0] == "s" else id
        site.change(
            f"INSERT INTO events (id, {columns}) SELECT :id, {columns} FROM events"
            " WHERE tag = 'account:totp:enrolled' ORDER BY id LIMIT 1",
            id=key,
        )
        site.change(
            "INSERT INTO notices (id, user_id) SELECT :id, subject_id FROM events WHERE id = :id",
            id=key,
        )


def test_beyond_the_oldest_there_is_nothing(alice: Visitor) -> None:
    page = alice.get(f"{NOTICES}?before={UUID(int=0)}", status=200)

    assert "There is nothing older." in page


@pytest.mark.parametrize("before", ["", "1", "x" * 100])
def test_a_place_that_is_none_is_not_found(alice: Visitor, before: str) -> None:
    alice.get(f"{NOTICES}?before={before}", status=404)


def test_an_account_that_was_told_nothing_says_so(site: Site, alice: Visitor) -> None:
    site.change("DELETE FROM notices")

    assert "There has been nothing to tell you yet." in alice.get(NOTICES, status=200)
