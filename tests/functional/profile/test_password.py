"""Changing the password: by whoever knows that of today, and nothing that rests on it stays."""

from functools import partial
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import insert

from tests.common.answers import refusals
from tests.common.jars import at_once, copy_cookies
from tests.common.people import Person
from tests.common.site import Site
from tests.common.tables import dump
from tests.common.visitor import REAUTHENTICATE, TWO_FACTOR, Visitor
from tests.common.watching import hashes
from warehouse_mfa.accounts.models import Email

PAGE = "/manage/account/password/"
LANDING = "/manage/account/"
LOGIN = "/account/login/"
NEW = "tundra kelp 7 marmots"
# Normalization makes 18 characters of one.
TOO_LONG_NORMALIZED = "\ufdfa" * 300
NOT_YOURS = "This is not your current password."


@pytest.fixture
def alice(visitor: Visitor, user_with_totp: Person) -> Person:
    """Alice, logged in as `visitor`."""
    visitor.log_in(user_with_totp)
    return user_with_totp


def change(
    visitor: Visitor, password: str, new: str = NEW, again: str | None = None, status: Any = 303
) -> Any:
    """Send the form."""
    form = visitor.form(PAGE, "change-password-form")
    form["password"], form["new_password"] = password, new
    form["password_confirm"] = new if again is None else again
    return form.submit(status=status)


def give_password(visitor: Visitor, person: Person, password: str, status: int = 303) -> Any:
    return visitor.give_password(person, password=password, status=status)


def add_address(site: Site, person: Person, address: str, *, is_verified: bool) -> None:
    now = site.clock.now()
    with site.scope() as request:
        request.db.execute(
            insert(Email).values(
                user_id=person.user_id,
                address=address,
                address_key=Email.key_of(address),
                created_at=now,
                verified_at=now if is_verified else None,
            )
        )


# What it does


def test_who_has_forgotten_that_of_today_is_led_to_a_mailed_link(
    site: Site, visitor: Visitor, alice: Person
) -> None:
    page = visitor.get(PAGE, status=200).click("Forgot your password")
    form = page.forms["request-reset-form"]
    form["username_or_email"] = alice.username
    form.submit(status=303)

    site.run_task("login.reset")

    assert site.mails(to=alice.address)[-1].subject == "Choose another password"


def test_the_new_password_works_and_the_old_one_does_not(
    site: Site, visitor: Visitor, alice: Person
) -> None:
    change(visitor, alice.password)

    give_password(site.visitor("198.51.100.1"), alice, alice.password, status=422)
    answer = give_password(site.visitor("198.51.100.1"), alice, NEW)
    assert answer.location.endswith(TWO_FACTOR)


def test_it_says_so_and_is_recorded_once(site: Site, visitor: Visitor, alice: Person) -> None:
    before = len(site.tags())

    answer = change(visitor, alice.password)

    assert answer.location.endswith(LANDING)
    assert "Your password is changed." in answer.follow(status=200)
    assert site.tags()[before:] == ["account:password:changed"]


@pytest.mark.attack("P-086")
def test_every_other_session_and_pending_login_ends(
    site: Site, visitor: Visitor, alice: Person
) -> None:
    site.clock.advance(seconds=60)
    other, waiting = site.visitor("198.51.100.1"), site.visitor("198.51.100.2")
    other.log_in(alice)
    waiting.give_password(alice)

    change(visitor, alice.password)

    assert LOGIN in other.get(LANDING, status=303).location
    assert waiting.get(TWO_FACTOR, status=303).location.endswith(LOGIN)
    visitor.get(LANDING, status=200)


@pytest.mark.attack("P-027", "P-086")
def test_this_session_goes_on_with_another_cookie_in_the_same_family(
    site: Site, visitor: Visitor, alice: Person
) -> None:
    thief = copy_cookies(visitor, site.visitor())
    token, family = visitor.csrf_token(PAGE), "SELECT family_id FROM sessions WHERE id = :id"
    (before,) = site.rows("SELECT id, family_id FROM sessions ORDER BY created_at DESC LIMIT 1")

    change(visitor, alice.password)

    assert LOGIN in thief.get(LANDING, status=303).location
    assert visitor.csrf_token(PAGE) == token
    assert site.rows(family, id=before.id) == []
    rows = site.rows("SELECT id FROM sessions WHERE family_id = :id", id=before.family_id)
    assert len(rows) == 1


def test_it_is_no_proof_of_a_factor(site: Site, visitor: Visitor, alice: Person) -> None:
    site.clock.advance(minutes=29)
    change(visitor, alice.password)

    site.clock.advance(minutes=2)

    assert REAUTHENTICATE in visitor.get(PAGE, status=303).location


def test_a_session_that_is_reduced_stays_so(site: Site, visitor: Visitor, mallory: Person) -> None:
    visitor.log_in(mallory)  # with the app, although there is a key

    change(visitor, mallory.password)

    newest = "SELECT is_reduced FROM sessions ORDER BY created_at DESC LIMIT 1"
    assert site.value(newest)


def test_every_verified_address_is_told_and_no_other(
    site: Site, visitor: Visitor, alice: Person
) -> None:
    add_address(site, alice, "alice@work.example", is_verified=True)
    add_address(site, alice, "alice@claimed.example", is_verified=False)
    before = len(site.mails())

    change(visitor, alice.password)

    told = site.mails()[before:]
    assert {mail.to for mail in told} == {alice.address, "alice@work.example"}
    assert {mail.subject for mail in told} == {"Your password was changed"}


@pytest.mark.attack("P-052", "P-105")
def test_no_password_is_kept_or_told_anywhere(
    site: Site, visitor: Visitor, alice: Person, caplog: pytest.LogCaptureFixture
) -> None:
    wrong, refused = "a wrong password of today", "password1"
    change(visitor, wrong, status=422)
    change(visitor, alice.password, refused, status=422)
    page = change(visitor, alice.password).follow()

    written = "\n".join(record.getMessage() for record in caplog.records)
    mails = str([(mail.text, mail.html) for mail in site.mails()])
    for secret in (wrong, refused, alice.password, NEW):
        for place in (str(dump(site)), written, mails, page.text):
            assert secret not in place


# The password of today


def test_a_wrong_password_of_today_is_told_on_its_field_and_recorded(
    site: Site, visitor: Visitor, alice: Person
) -> None:
    page = change(visitor, "wrong horse", status=422)

    field = page.html.find("input", {"name": "password"})
    assert refusals(page) == [NOT_YOURS]
    assert field["aria-invalid"] == "true"
    assert [tag for tag in site.tags() if "password" in tag][-1] == "account:password:failed"
    give_password(site.visitor("198.51.100.1"), alice, alice.password)


@pytest.mark.parametrize("password", ["x" * 4097, TOO_LONG_NORMALIZED], ids=["long", "normalized"])
def test_what_is_too_long_to_be_the_password_of_today_is_told_on_that_field(
    site: Site, visitor: Visitor, alice: Person, password: str
) -> None:
    page = change(visitor, password, status=422)

    assert page.html.find("input", {"name": "password"})["aria-invalid"] == "true"
    assert "aria-invalid" not in page.html.find("input", {"name": "new_password"}).attrs
    give_password(site.visitor("198.51.100.1"), alice, alice.password)


def test_nothing_that_was_typed_comes_back(visitor: Visitor, alice: Person) -> None:
    page = change(visitor, "wrong horse", status=422)

    for name in ("password", "new_password", "password_confirm"):
        assert not page.html.find("input", {"name": name}).get("value")
    assert "wrong horse" not in page
    assert NEW not in page


@pytest.mark.attack("P-092")
def test_guesses_count_as_guesses_at_login_from_this_browser(
    site: Site, visitor: Visitor, alice: Person
) -> None:
    for _attempt in range(10):
        change(visitor, "wrong horse", status=422)

    answer = change(visitor, alice.password, status=429)

    assert int(answer.headers["Retry-After"]) > 0
    visitor.post_form("/account/logout/", status=303)
    give_password(visitor, alice, alice.password, status=429)
    # A known browser has a budget of its own: what happens in it keeps nobody out elsewhere.
    give_password(site.visitor("198.51.100.1"), alice, alice.password)


@pytest.mark.attack("P-092")
def test_guesses_from_a_browser_that_is_not_known_count_for_the_name(
    site: Site, visitor: Visitor, alice: Person
) -> None:
    thief = copy_cookies(visitor, site.visitor("198.51.100.1"), "session")
    for _attempt in range(10):
        change(thief, "wrong horse", status=422)

    change(thief, alice.password, status=429)

    give_password(site.visitor("198.51.100.2"), alice, alice.password, status=429)
    assert site.tags().count("account:password:limited") == 1


def test_a_right_password_is_no_attempt(visitor: Visitor, alice: Person) -> None:
    password = alice.password
    for number in range(12):
        change(visitor, password, f"{NEW} {number}")
        password = f"{NEW} {number}"

    change(visitor, password)


# The new one


@pytest.mark.parametrize(
    ("new", "message"),
    [
        ("", "Choose a password."),
        ("kelp 7!", "Use at least 8 characters."),
        ("x" * 4097, "A password has at most 4096 characters."),
        (TOO_LONG_NORMALIZED, "Use at most 4096 characters."),
        ("password1", "This is one of the passwords that are tried first. Use another."),
        (
            "Alice@Example.org",
            "Do not use your name, your address or the name of this site as password.",
        ),
        (
            "package index",
            "Do not use your name, your address or the name of this site as password.",
        ),
        (
            "abcdefgh1",
            "This is easy to guess. Add another word or two: a phrase is strong and easy to keep.",
        ),
    ],
)
def test_a_new_password_that_breaks_a_rule_is_refused_on_its_field(
    site: Site, visitor: Visitor, alice: Person, new: str, message: str
) -> None:
    stored = site.value("SELECT password_hash FROM users")

    page = change(visitor, alice.password, new, again=new or "x", status=422)

    assert message in refusals(page)
    assert page.html.find("input", {"name": "new_password"})["aria-invalid"] == "true"
    assert site.value("SELECT password_hash FROM users") == stored
    assert "account:password:changed" not in site.tags()


def test_two_that_differ_are_refused(site: Site, visitor: Visitor, alice: Person) -> None:
    page = change(visitor, alice.password, again=f"{NEW}x", status=422)

    assert refusals(page) == ["The two passwords are not the same."]
    assert "account:password:changed" not in site.tags()


def test_a_new_password_that_is_refused_costs_no_hash_and_tells_nothing_of_that_of_today(
    site: Site, visitor: Visitor, alice: Person
) -> None:
    with hashes() as computed:
        right = change(visitor, alice.password, "password1", status=422)
        wrong = change(visitor, "wrong horse", "password1", status=422)

    assert computed == []
    assert refusals(right) == refusals(wrong)


# Step-up


@pytest.mark.attack("P-091")
def test_a_stale_session_is_asked_for_a_factor_first(
    site: Site, visitor: Visitor, alice: Person
) -> None:
    form = visitor.form(PAGE, "change-password-form")
    form["password"], form["new_password"], form["password_confirm"] = alice.password, NEW, NEW
    site.clock.advance(minutes=31)

    answers = [visitor.get(PAGE, status=303), form.submit(status=303)]

    for answer in answers:
        parts = urlsplit(answer.location)
        assert parts.path == REAUTHENTICATE
        assert parse_qs(parts.query)["next"] == [PAGE]
    assert "account:password:changed" not in site.tags()


@pytest.mark.attack("P-091")
def test_passwords_of_a_caught_form_are_not_kept(
    site: Site, visitor: Visitor, alice: Person
) -> None:
    form = visitor.form(PAGE, "change-password-form")
    site.clock.advance(minutes=31)
    sizes = []
    for text in ("", "x" * 1000):
        form["password"] = form["new_password"] = form["password_confirm"] = text
        form.submit(status=303)
        # Sealed, and as long as what is in it.
        sizes.append(len(visitor.cookie("held") or ""))

    visitor.step_up(alice, next=PAGE)
    again = visitor.form(PAGE, "change-password-form")

    assert sizes[0] == sizes[1]
    assert [again[name].value for name in ("password", "new_password")] == ["", ""]


@pytest.mark.attack("P-016")
def test_owing_a_factor_is_not_enough(site: Site, visitor: Visitor, user_with_totp: Person) -> None:
    visitor.give_password(user_with_totp)
    fields = {"password": user_with_totp.password, "new_password": NEW, "password_confirm": NEW}

    answer = visitor.post_form(PAGE, fields, status=303)

    assert LOGIN in answer.location
    assert "account:password:changed" not in site.tags()


# At once


@pytest.mark.attack("P-086")
def test_of_two_changes_at_once_one_wins(site: Site, visitor: Visitor, alice: Person) -> None:
    news = [f"{NEW} {number}" for number in range(2)]
    token = visitor.csrf_token(PAGE)
    tabs = [copy_cookies(visitor, site.visitor()) for _new in news]
    fields = [
        {"password": alice.password, "new_password": new, "password_confirm": new} for new in news
    ]

    answers = at_once(
        [
            partial(tab.post, PAGE, {**sent, "csrf_token": token}, status="*")
            for tab, sent in zip(tabs, fields, strict=True)
        ]
    )

    # The later one finds its session gone (303 or, for its token, 400), or that its password of
    # today is one of yesterday (422).
    assert {answer.status_int for answer in answers} <= {303, 400, 422}
    won = [(answer.location or "").endswith(LANDING) for answer in answers]
    assert won.count(True) == 1
    assert [tab.get(LANDING).status_int == 200 for tab in tabs] == won
    assert site.tags().count("account:password:changed") == 1
    give_password(site.visitor("198.51.100.1"), alice, news[won.index(True)])
    give_password(site.visitor("198.51.100.1"), alice, news[won.index(False)], status=422)
