"""Asking for a reset link: the same for every name, and no more mail than anybody wants."""

import pytest

from tests.common.answers import Face, face, refusals
from tests.common.people import Person
from tests.common.resetting import REQUEST, SUBJECT, TASK, ask, links
from tests.common.site import Site
from tests.common.visitor import Visitor
from tests.common.watching import hashes, statements
from warehouse_mfa.accounts.interfaces import IAccountStateService

ASKED = "SELECT count(*) FROM reset_requests"
NAMES = [
    "alice",
    "ALICE",
    "alice@example.org",
    "erin",
    "erin@example.org",
    "frieda",
    "root",
    "nobody42",
    "nobody@example.org",
    "al!ce",
    "a@b@c",
    "x" * 254,
]


@pytest.fixture
def people(site: Site, user_with_totp: Person, user_unverified: Person) -> None:
    """Alice; Erin, who verified nothing; Frieda, who is frozen; and an operator."""
    frieda = site.person("frieda")
    site.person("root")
    site.change("UPDATE users SET is_superuser = TRUE WHERE username = 'root'")
    with site.scope() as request:
        request.find_service(IAccountStateService).freeze(frieda.user_id)


def reset_mails(site: Site) -> list[str]:
    return [mail.to for mail in site.mails() if mail.subject == SUBJECT]


def faces(visitor: Visitor, name: str) -> tuple[Face, Face]:
    answer = ask(visitor, name)
    return face(answer, name), face(answer.follow(status=200), name)


# The same for everybody


@pytest.mark.attack("P-093")
def test_every_name_gets_the_same_answer_however_often(site: Site, people: None) -> None:
    seen = {
        faces(site.visitor(f"198.51.100.{number}"), name)
        for number, name in enumerate(NAMES)
        for _attempt in range(10)
    }

    assert len(seen) == 1
    answer, page = seen.pop()
    assert answer.status == 303
    assert "If there is an account of that name" in page.body


@pytest.mark.attack("P-093")
def test_every_name_takes_the_same_work_and_nobody_is_looked_up(site: Site, people: None) -> None:
    ask(site.visitor(), "warm-up")
    work = []
    for name in NAMES:
        form = site.visitor().form(REQUEST, "request-reset-form")
        form["username_or_email"] = name
        with statements(site) as sent, hashes() as computed:
            form.submit(status=303)
        work.append((sent, computed))

    assert all(done == work[0] for done in work)
    sent, computed = work[0]
    assert computed == []
    assert any("INSERT INTO reset_requests" in statement for statement in sent)
    assert not any("users" in statement or "emails" in statement for statement in sent)


@pytest.mark.attack("P-093")
def test_asking_alone_sends_no_mail_and_leaves_no_trace_of_anybody(
    site: Site, visitor: Visitor, people: None
) -> None:
    before = site.tags()

    ask(visitor, "alice")

    assert (reset_mails(site), site.tags()) == ([], before)
    assert site.value(ASKED) == 1


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("", "Enter your username or your email address."),
        ("   ", "Enter your username or your email address."),
        ("x" * 255, "This is too long for a username or an email address. Check it."),
    ],
)
def test_what_cannot_be_a_name_is_refused_and_not_kept(
    site: Site, visitor: Visitor, name: str, message: str
) -> None:
    page = ask(visitor, name, status=422)

    assert refusals(page) == [message]
    assert site.value(ASKED) == 0


# Who gets a mail


@pytest.mark.attack("P-093")
def test_only_a_verified_address_of_an_account_that_may_log_in_gets_a_mail(
    site: Site, people: None
) -> None:
    for number, name in enumerate(NAMES[3:]):
        ask(site.visitor(f"198.51.100.{number}"), name)

    site.run_task(TASK)

    assert reset_mails(site) == ["root@example.org"]


@pytest.mark.parametrize("name", ["alice", " Alice ", "alice@example.org", "ALICE@EXAMPLE.ORG"])
def test_every_spelling_of_a_name_reaches_its_account(
    site: Site, visitor: Visitor, user_with_totp: Person, name: str
) -> None:
    ask(visitor, name)
    site.run_task(TASK)

    assert reset_mails(site) == ["alice@example.org"]
    assert site.tags()[-1] == "account:password:reset-asked"


def test_what_was_typed_is_forgotten_once_it_is_answered(
    site: Site, visitor: Visitor, user_with_totp: Person
) -> None:
    ask(visitor, "alice")
    ask(visitor, "a password typed as a name")

    site.run_task(TASK)

    assert site.value(ASKED) == 0


def test_the_mail_says_who_asked_and_for_how_long_the_link_works(
    site: Site, user_with_totp: Person
) -> None:
    ask(site.visitor("198.51.100.7"), "alice")
    site.run_task(TASK)

    (mail,) = [mail for mail in site.mails() if mail.subject == SUBJECT]
    for text in (mail.text, mail.html):
        assert "198.51.100.7" in text
        assert "60 minutes" in text
        assert "alice" in text


@pytest.mark.attack("P-095")
@pytest.mark.parametrize(
    "forged",
    [
        {"HTTP_HOST": "evil.example"},
        {"HTTP_X_FORWARDED_HOST": "evil.example"},
        {"HTTP_FORWARDED": "host=evil.example"},
        {"SERVER_NAME": "evil.example"},
    ],
    ids=str,
)
def test_the_link_leads_to_us_whatever_host_the_request_named(
    site: Site, visitor: Visitor, user_with_totp: Person, forged: dict[str, str]
) -> None:
    fields = {"username_or_email": "alice", "csrf_token": visitor.csrf_token(REQUEST)}

    visitor.post(REQUEST, fields, extra_environ=forged, status="*")
    ask(visitor, "alice")
    site.run_task(TASK)

    (mail,) = [mail for mail in site.mails() if mail.subject == SUBJECT]
    assert f"{site.origin}/account/reset-password/?token=" in mail.text
    assert "evil" not in mail.text + mail.html


# How many


@pytest.mark.attack("P-093")
def test_an_account_gets_one_mail_in_ten_minutes_by_whatever_name(
    site: Site, user_with_totp: Person
) -> None:
    for number, name in enumerate(["alice", "ALICE", "alice@example.org"] * 3):
        ask(site.visitor(f"198.51.100.{number}"), name)
    site.run_task(TASK)
    assert len(links(site, "alice@example.org")) == 1

    site.clock.advance(minutes=11)
    ask(site.visitor(), "alice")
    site.run_task(TASK)

    assert len(links(site, "alice@example.org")) == 2


@pytest.mark.attack("P-093")
def test_a_network_address_has_twenty_an_hour_and_is_not_told(site: Site) -> None:
    people = [site.person(f"person{number}") for number in range(22)]
    visitor = site.visitor("198.51.100.1")

    seen = {faces(visitor, person.username) for person in people}
    site.run_task(TASK)

    assert len(seen) == 1
    assert set(reset_mails(site)) == {person.address for person in people[:20]}
    assert len(reset_mails(site)) == 20
    ask(site.visitor("198.51.100.2"), people[21].username)
    site.run_task(TASK)
    assert len(reset_mails(site)) == 21
    site.clock.advance(minutes=61)
    ask(visitor, people[20].username)
    site.run_task(TASK)
    assert len(reset_mails(site)) == 22


# What a name can be


@pytest.mark.attack("P-101")
@pytest.mark.parametrize(
    "name",
    [
        "' OR 1=1--",
        "%",
        "a%",
        "_lice",
        "alic_",
        "\\",
        "$$",
        ":x",
        "alice\u200b",
        "\uff41lice",
        "%@example.org",
        "alice@example.org'",
        "alice@example.org, mallory@example.org",
        "alice@example.org mallory@example.org",
        "@",
        "@example.org",
        "alice@",
        "a@" + "\u00e4" * 100,
        "a@xn--\u00e4.example",
        "a@..example",
        "\U0001d54f@\U0001d54f",
    ],
)
def test_an_odd_name_is_nobody_and_stops_no_other_request(
    site: Site, visitor: Visitor, user_with_totp: Person, user_without_factor: Person, name: str
) -> None:
    ask(visitor, name)
    ask(visitor, "dave")

    site.run_task(TASK)

    assert reset_mails(site) == ["dave@example.org"]
    assert site.value(ASKED) == 0


@pytest.mark.attack("P-102")
@pytest.mark.parametrize(
    "ending", ["\r\nBcc: mallory@example.org", "\nTo: m@example.org", "\x1b[31m"]
)
def test_line_breaks_reach_no_mail(
    site: Site, visitor: Visitor, user_with_totp: Person, ending: str
) -> None:
    ask(visitor, f"alice@example.org{ending}")

    site.run_task(TASK)

    assert reset_mails(site) == []
