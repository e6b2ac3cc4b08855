"""The reset link: what it does, once; what voids it; what it never does."""

from collections.abc import Callable
from functools import partial
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.common.answers import refusals
from tests.common.jars import at_once, copy_cookies
from tests.common.people import Person
from tests.common.registering import NEWTON, register
from tests.common.resetting import (
    NEW,
    RESET,
    ask_for_reset,
    choose,
    open_link,
    send,
)
from tests.common.site import Site
from tests.common.tables import dump
from tests.common.visitor import TWO_FACTOR, Visitor
from warehouse_mfa.accounts.interfaces import IAccountStateService

LOGIN = "/account/login/"
LANDING = "/manage/account/"
VERIFY = "/account/verify-email/"
GONE = "This link does not work any more"
RESETS = "account:password:reset"


@pytest.fixture
def dave(user_without_factor: Person) -> Person:
    """Dave, who has no second factor."""
    return user_without_factor


@pytest.fixture
def link(site: Site, user_with_totp: Person) -> str:
    """The link in Alice's mail."""
    return ask_for_reset(site, user_with_totp)


def give_new(visitor: Visitor, person: Person, status: int = 303) -> object:
    return visitor.give_password(person, password=NEW, status=status)


# What it does


@pytest.mark.attack("P-094")
def test_the_new_password_works_and_the_old_one_does_not(
    site: Site, visitor: Visitor, dave: Person
) -> None:
    open_link(visitor, ask_for_reset(site, dave))

    answer = choose(visitor)

    assert answer.location.endswith(LOGIN)
    assert "Your password is changed." in answer.follow(status=200)
    site.visitor("198.51.100.1").give_password(dave, status=422)
    give_new(site.visitor("198.51.100.1"), dave)


@pytest.mark.attack("P-094")
def test_it_logs_nobody_in_and_the_next_login_asks_for_the_factor(
    site: Site, visitor: Visitor, user_with_totp: Person, link: str
) -> None:
    open_link(visitor, link)

    choose(visitor, answer=user_with_totp.code())

    assert visitor.cookie("session") is None
    assert LOGIN in visitor.get(LANDING, status=303).location
    answer = give_new(visitor, user_with_totp)
    assert answer.location.endswith(TWO_FACTOR)  # type: ignore[attr-defined]


@pytest.mark.attack("P-086", "P-094")
def test_every_session_pending_login_and_other_link_ends(
    site: Site, visitor: Visitor, user_with_totp: Person
) -> None:
    first = ask_for_reset(site, user_with_totp)
    site.clock.advance(minutes=11)
    second = ask_for_reset(site, user_with_totp)
    session, waiting = site.visitor("198.51.100.1"), site.visitor("198.51.100.2")
    session.log_in(user_with_totp)
    waiting.give_password(user_with_totp)
    site.clock.advance(seconds=60)
    open_link(visitor, second)

    choose(visitor, answer=user_with_totp.code())

    assert LOGIN in session.get(LANDING, status=303).location
    assert waiting.get(TWO_FACTOR, status=303).location.endswith(LOGIN)
    open_link(site.visitor(), first, status=410)


@pytest.mark.attack("P-094", "P-105")
def test_it_is_recorded_once_and_told_at_every_verified_address(
    site: Site, visitor: Visitor, user_with_totp: Person, link: str
) -> None:
    before = len(site.tags()), len(site.mails())
    open_link(visitor, link)

    choose(visitor, answer=user_with_totp.code())

    assert site.tags()[before[0] :] == [RESETS]
    (factor,) = site.rows("SELECT factor FROM events ORDER BY id DESC LIMIT 1")
    assert factor == ("totp",)
    (mail,) = site.mails()[before[1] :]
    assert (mail.to, mail.subject) == (user_with_totp.address, "Your password was reset")


@pytest.mark.attack("P-052", "P-094")
def test_no_password_and_no_token_is_kept_or_told_anywhere(
    site: Site, visitor: Visitor, dave: Person, caplog: pytest.LogCaptureFixture
) -> None:
    link = ask_for_reset(site, dave)
    (token,) = parse_qs(urlsplit(link).query)["token"]
    page = open_link(visitor, link)
    choose(visitor, "password1", status=422)
    done = choose(visitor).follow()

    written = "\n".join(record.getMessage() for record in caplog.records)
    told = page.text + done.text
    assert not any(secret in written + told for secret in (token, "password1", NEW))
    # The mail with the link waits in the outbox; nothing else knows the token.
    kept = str(dump(site, without={"mails"}))
    assert not any(secret in kept for secret in (token, "password1", NEW))


@pytest.mark.attack("P-094")
def test_in_the_session_of_somebody_else_it_is_about_its_own_account(
    site: Site, visitor: Visitor, user_with_totp: Person, mallory: Person
) -> None:
    link = ask_for_reset(site, user_with_totp)
    visitor.log_in(mallory)
    page = open_link(visitor, link)

    send(page, NEW, user_with_totp.code())

    assert page.html.select_one("main bdi.strong").text == "alice"
    menu = visitor.get(LANDING, status=200).html.select_one(".site-menu-person bdi")
    assert menu.text == "mallory"
    site.visitor("198.51.100.1").give_password(mallory)
    give_new(site.visitor("198.51.100.2"), user_with_totp)


def test_the_page_is_done_with_once_it_is_done(site: Site, visitor: Visitor, dave: Person) -> None:
    open_link(visitor, ask_for_reset(site, dave))
    choose(visitor)

    assert GONE in visitor.get(RESET, status=410)


# The link


@pytest.mark.attack("P-090", "P-094")
def test_the_token_leaves_the_url_at_once(visitor: Visitor, link: str) -> None:
    (token,) = parse_qs(urlsplit(link).query)["token"]

    answer = visitor.get(link, status=303)

    assert urlsplit(answer.location).path == RESET
    assert not urlsplit(answer.location).query
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert token not in visitor.get(RESET, status=200)
    assert token not in str(visitor.cookies)


@pytest.mark.attack("P-094")
@pytest.mark.parametrize("method", ["get", "head"])
def test_a_scanner_that_opens_the_link_changes_nothing(
    site: Site, visitor: Visitor, user_with_totp: Person, link: str, method: str
) -> None:
    scanner, before = site.visitor(agent="Mail scanner"), dump(site)

    getattr(scanner, method)(link, status=303)
    getattr(scanner, method)(RESET, status=200)

    assert dump(site) == before
    open_link(visitor, link)
    choose(visitor, answer=user_with_totp.code())


@pytest.mark.attack("P-094")
def test_the_link_works_once(site: Site, visitor: Visitor, dave: Person) -> None:
    link = ask_for_reset(site, dave)
    open_link(visitor, link)
    choose(visitor)

    assert GONE in open_link(site.visitor(), link, status=410)


@pytest.mark.attack("P-094")
def test_a_page_that_was_open_before_the_link_was_used_is_refused(
    site: Site, visitor: Visitor, dave: Person
) -> None:
    link = ask_for_reset(site, dave)
    late = open_link(site.visitor(), link)
    open_link(visitor, link)
    choose(visitor)

    send(late, "another long phrase 8", status=410)

    give_new(site.visitor("198.51.100.1"), dave)


@pytest.mark.attack("P-094")
def test_the_link_works_for_an_hour(site: Site, visitor: Visitor, dave: Person) -> None:
    link = ask_for_reset(site, dave)
    site.clock.advance(minutes=59)
    page = open_link(visitor, link)
    site.clock.advance(minutes=2)

    open_link(site.visitor(), link, status=410)
    send(page, NEW, status=410)

    assert RESETS not in site.tags()


@pytest.mark.attack("P-094")
def test_a_login_does_not_void_the_link(
    site: Site, visitor: Visitor, user_with_totp: Person, link: str
) -> None:
    site.visitor("198.51.100.1").log_in(user_with_totp)
    site.clock.advance(seconds=60)
    open_link(visitor, link)

    choose(visitor, answer=user_with_totp.code())

    assert RESETS in site.tags()


def change_password(site: Site, person: Person) -> None:
    visitor = site.visitor("198.51.100.1")
    visitor.log_in(person)
    form = visitor.form("/manage/account/password/", "change-password-form")
    form["password"] = person.password
    form["new_password"] = form["password_confirm"] = "another long phrase 8"
    form.submit(status=303)


def add_factor(site: Site, person: Person) -> None:
    visitor = site.visitor("198.51.100.1")
    visitor.log_in(person)
    visitor.enroll_totp(person, "Tablet")


def make_codes(site: Site, person: Person) -> None:
    visitor = site.visitor("198.51.100.1")
    visitor.log_in(person)
    visitor.make_recovery_codes(person)


def freeze(site: Site, person: Person) -> None:
    with site.scope() as request:
        request.find_service(IAccountStateService).freeze(person.user_id)


def end_sessions(site: Site, person: Person) -> None:
    with site.scope() as request:
        request.find_service(IAccountStateService).end_sessions(person.user_id)


@pytest.mark.attack("P-094")
@pytest.mark.parametrize("act", [change_password, add_factor, make_codes, freeze, end_sessions])
@pytest.mark.parametrize("is_open", [True, False], ids=["open", "not yet open"])
def test_a_change_of_the_account_voids_the_link(
    site: Site,
    visitor: Visitor,
    user_with_totp: Person,
    link: str,
    act: Callable[[Site, Person], None],
    is_open: bool,
) -> None:
    page = open_link(visitor, link) if is_open else None

    act(site, user_with_totp)

    if page is None:
        open_link(visitor, link, status=410)
    else:
        send(page, NEW, user_with_totp.code(1), status=410)
    assert RESETS not in site.tags()


@pytest.mark.attack("P-094", "P-096")
def test_a_link_to_verify_an_address_resets_nothing(site: Site, visitor: Visitor) -> None:
    register(site.visitor("198.51.100.1"))
    verification = site.mails(to=NEWTON["email"])[0].link

    moved = verification.replace(VERIFY, RESET)
    visitor.get(verification, status=303)
    carried = visitor.get(RESET, status=410)

    assert GONE in carried
    assert GONE in open_link(site.visitor(), moved, status=410)


@pytest.mark.attack("P-094", "P-096")
def test_a_link_to_reset_the_password_verifies_nothing(
    site: Site, visitor: Visitor, link: str
) -> None:
    before = dump(site)

    visitor.get(link, status=303)
    visitor.get(VERIFY, status=410)
    open_link(site.visitor(), link.replace(RESET, VERIFY), status=410)

    assert dump(site) == before


@pytest.mark.attack("P-094")
@pytest.mark.parametrize("token", ["", "x", "A" * 22, "A" * 5000, "%00", "%ff", "ä"])
def test_what_is_no_token_is_told_like_one_that_is_too_old(
    site: Site, visitor: Visitor, link: str, token: str
) -> None:
    answer = visitor.get(f"{RESET}?token={token}", status="*")

    if answer.status_int == 303:
        assert GONE in answer.follow(status=410)
    else:
        assert answer.status_int == 400


@pytest.mark.attack("P-094")
def test_without_a_link_every_door_is_closed(site: Site, visitor: Visitor) -> None:
    page = visitor.get(RESET, status=410)
    answers = [
        visitor.get(f"{RESET}options", headers={"Accept": "application/json"}, status=410),
        visitor.post_form(RESET, {"new_password": NEW, "password_confirm": NEW}, status=410),
        visitor.post_form(f"{RESET}validate", {"credential": "{}"}, status=410),
    ]

    assert page.html.select_one("main a")["href"] == "/account/request-password-reset/"
    assert answers[0].json["fail"]["reason"] == "link-invalid"


# The new password


@pytest.mark.parametrize(
    ("new", "message"),
    [
        ("kelp 7!", "Use at least 8 characters."),
        ("x" * 4097, "A password has at most 4096 characters."),
        ("\ufdfa" * 300, "Use at most 4096 characters."),
        ("password1", "This is one of the passwords that are tried first. Use another."),
        (
            "dave@example.org",
            "Do not use your name, your address or the name of this site as password.",
        ),
    ],
)
def test_a_new_password_that_breaks_a_rule_is_refused_and_the_link_stays(
    site: Site, visitor: Visitor, dave: Person, new: str, message: str
) -> None:
    open_link(visitor, ask_for_reset(site, dave))

    page = choose(visitor, new, status=422)

    assert refusals(page) == [message]
    assert not page.html.find("input", {"name": "new_password"}).get("value")
    choose(visitor)


# At once


@pytest.mark.attack("P-094")
def test_of_ten_at_once_one_succeeds(site: Site, visitor: Visitor, dave: Person) -> None:
    open_link(visitor, ask_for_reset(site, dave))
    token = visitor.csrf_token(RESET)
    jars = [copy_cookies(visitor, site.visitor()) for _ in range(10)]
    news = [f"{NEW} {number}" for number in range(10)]

    answers = at_once(
        [
            partial(
                jar.post,
                RESET,
                {"new_password": new, "password_confirm": new, "csrf_token": token},
                status="*",
            )
            for jar, new in zip(jars, news, strict=True)
        ]
    )

    statuses = [answer.status_int for answer in answers]
    assert statuses.count(303) == 1
    assert set(statuses) <= {303, 410}
    assert site.tags().count(RESETS) == 1
    winner = news[statuses.index(303)]
    site.visitor("198.51.100.1").give_password(dave, password=winner)


@pytest.mark.attack("P-094")
def test_of_ten_different_factors_at_once_one_succeeds(
    site: Site, visitor: Visitor, mallory: Person
) -> None:
    """Each answer is right and unspent: the link alone decides."""
    make_codes(site, mallory)
    open_link(visitor, ask_for_reset(site, mallory))
    token = visitor.csrf_token(RESET)
    jars = [copy_cookies(visitor, site.visitor()) for _ in range(8)]

    answers = at_once(
        [
            partial(
                jar.post,
                f"{RESET}?factor=recovery-code",
                {
                    "new_password": f"{NEW} {code}",
                    "password_confirm": f"{NEW} {code}",
                    "recovery_code_value": code,
                    "csrf_token": token,
                },
                status="*",
            )
            for jar, code in zip(jars, mallory.recovery_codes, strict=True)
        ]
    )

    statuses = [answer.status_int for answer in answers]
    assert statuses.count(303) == 1
    assert set(statuses) <= {303, 410, 429}
    assert site.tags().count(RESETS) == 1
