"""APPROVE_LOGIN=phishable: a login with a code waits for a mailed approval in an unknown browser."""

from collections.abc import Iterator

import pytest

from tests.common.approving import (
    CONFIRM,
    MAIL_AGAIN,
    STATE,
    WAITING,
    approve,
    go_on,
    links,
    open_link,
    refuse,
    wait,
)
from tests.common.jars import at_once, copy_cookies, drop_cookie
from tests.common.people import Person
from tests.common.site import Site, origin_for
from tests.common.visitor import RECOVERY_CODE, TWO_FACTOR, Visitor

ACCOUNT = "/manage/account/"
EMAILS = "/manage/account/emails/"
LOG_IN = "/account/login/"
ELSEWHERE = "198.51.100.77"


@pytest.fixture(scope="module")
def configured_careful(database_url: str) -> Iterator[Site]:
    site = Site(database_url, origin_for(database_url), approve_login="phishable")
    yield site
    site.close()


@pytest.fixture
def careful(configured_careful: Site) -> Iterator[Site]:
    """The site that lets logins with codes wait."""
    yield configured_careful
    configured_careful.reset()


@pytest.fixture
def alice(careful: Site) -> Person:
    return careful.person("alice", totp=True)


@pytest.fixture
def browser(careful: Site) -> Visitor:
    """Alice's, who has never logged in with it."""
    return careful.visitor()


def is_logged_in(visitor: Visitor) -> bool:
    return visitor.get(ACCOUNT, status="*").status_int == 200


# The walk


def test_the_browser_that_waits_goes_on_after_an_approval_elsewhere(
    careful: Site, alice: Person, browser: Visitor
) -> None:
    link = wait(careful, browser, alice)
    waiting = browser.get(WAITING, status=200)
    phone = careful.visitor(ELSEWHERE, agent="Mozilla/5.0 (Android) Firefox/150")

    page = open_link(phone, link)
    done = approve(phone, link)
    answer = go_on(browser)

    number = waiting.html.select_one(".compare-number").text
    assert page.html.select_one(".compare-number").text == number
    assert "192.0.2.1" in page.html.select_one(".facts").text
    assert "logs nobody in" in done.text
    assert not is_logged_in(phone)
    assert answer.location.endswith(ACCOUNT)
    assert is_logged_in(browser)
    told = [tag for tag in careful.tags() if tag.startswith("account:login:")]
    assert told == ["account:login:held", "account:login:approved", "account:login:completed"]


def test_no_session_starts_before_it_is_approved(
    careful: Site, alice: Person, browser: Visitor
) -> None:
    wait(careful, browser, alice)

    page = go_on(browser, status=422)

    assert "not approved yet" in page.text
    assert browser.cookie("session") is None
    assert careful.value("SELECT count(*) FROM sessions WHERE address = '192.0.2.1'") == 0
    assert "account:login:completed" not in careful.tags()


def test_the_link_opened_in_the_browser_that_waits_leads_on_there(
    careful: Site, alice: Person, browser: Visitor
) -> None:
    link = wait(careful, browser, alice)

    answer = approve(browser, link, status=303)
    page = answer.follow(status=200)

    assert browser.cookie("session") is None
    assert "Go on" in page.forms["waiting-form"].text
    page.forms["waiting-form"].submit(status=303)
    assert is_logged_in(browser)


def test_looking_changes_nothing(careful: Site, alice: Person, browser: Visitor) -> None:
    link = wait(careful, browser, alice)
    before = careful.rows("SELECT * FROM held_logins")

    for path in (WAITING, STATE):
        browser.get(path, status=200)
    open_link(careful.visitor(), link)

    assert careful.rows("SELECT * FROM held_logins") == before


def test_a_script_learns_of_it(careful: Site, alice: Person, browser: Visitor) -> None:
    link = wait(careful, browser, alice)
    states = [browser.get(STATE).json["state"]]

    approve(careful.visitor(), link)

    states.append(browser.get(STATE).json["state"])
    assert states == ["waiting", "approved"]
    assert careful.visitor().get(STATE, status=401, headers={"Accept": "application/json"})


def test_a_recovery_code_waits_too_and_what_it_proved_stays_what_it_was(
    careful: Site, alice: Person, browser: Visitor
) -> None:
    first = careful.visitor(ELSEWHERE)
    approve(first, wait(careful, first, alice), status=303)
    go_on(first)
    first.make_recovery_codes(alice)
    careful.clock.advance(minutes=2)
    browser.give_password(alice)

    answer = browser.give_recovery_code(alice.recovery_codes.pop())
    assert answer.location.endswith(WAITING)
    careful.clock.advance(minutes=10)
    approve(careful.visitor(), links(careful, alice.address)[-1])
    go_on(browser)

    factor, is_reduced, is_old = careful.rows(
        "SELECT factor, is_reduced, factor_at < created_at FROM sessions ORDER BY created_at DESC"
    )[0]
    assert (factor, bool(is_reduced), bool(is_old)) == ("recovery", True, True)


def test_a_browser_is_remembered_once_the_login_is_complete(
    careful: Site, alice: Person, browser: Visitor
) -> None:
    browser.give_password(alice)
    form = browser.form(TWO_FACTOR, "totp-auth-form")
    form["totp_value"], form["remember_device"] = alice.code(), True
    form.submit(status=303)
    before = browser.cookie("remember")

    approve(careful.visitor(), links(careful, alice.address)[-1])
    go_on(browser)

    assert (before, browser.cookie("remember") is None) == (None, False)
    browser.form("/account/logout/", "logout-form").submit(status=303)
    assert browser.give_password(alice).location.endswith(ACCOUNT)


# Who does not wait


def test_a_known_browser_does_not_wait(careful: Site, alice: Person, browser: Visitor) -> None:
    approve(browser, wait(careful, browser, alice), status=303)
    go_on(browser)
    browser.form("/account/logout/", "logout-form").submit(status=303)
    careful.clock.advance(seconds=60)

    answer = browser.log_in(alice)

    assert answer.location.endswith(ACCOUNT)
    assert len(links(careful, alice.address)) == 1


def test_a_key_and_a_passkey_do_not_wait(careful: Site) -> None:
    bob = careful.person("bob", key=True)
    carol = careful.person("carol", passkey=True)

    with_key, with_passkey = careful.visitor(), careful.visitor()
    with_key.log_in(bob)
    with_passkey.give_passkey(carol)

    assert is_logged_in(with_key)
    assert is_logged_in(with_passkey)


def test_nobody_waits_unless_the_setting_says_so(site: Site, visitor: Visitor) -> None:
    alice = site.person("alice", totp=True)

    answer = visitor.log_in(alice)

    assert answer.location.endswith(ACCOUNT)
    assert site.rows("SELECT id FROM held_logins") == []
    assert links(site, alice.address) == []


# What ends it


def test_this_was_not_me_ends_it(careful: Site, alice: Person, browser: Visitor) -> None:
    link = wait(careful, browser, alice)

    page = refuse(careful.visitor(ELSEWHERE), link)

    assert "/manage/account/password/" in page.text
    assert browser.get(STATE).json["state"] == "refused"
    assert "This login was refused" in browser.get(WAITING, status=200).text
    browser.post_form(WAITING, status=422)
    assert not is_logged_in(browser)
    assert "account:login:disowned" in careful.tags()


@pytest.mark.parametrize("first", ["approve", "refuse"])
def test_it_is_decided_once(careful: Site, alice: Person, browser: Visitor, first: str) -> None:
    link = wait(careful, browser, alice)
    page = open_link(careful.visitor(), link)
    later = careful.visitor()
    form = open_link(later, link).forms["refuse-form" if first == "approve" else "approve-form"]

    page.forms[f"{first}-form"].submit("decision", status=200)
    form.submit("decision", status=410)

    rows = careful.rows("SELECT approved_at, refused_at FROM held_logins")
    assert [[one is not None for one in row] for row in rows] == [
        [first == "approve", first == "refuse"]
    ]
    careful.visitor().get(link, status=303).follow(status=410)


def test_an_approval_is_used_once(careful: Site, alice: Person, browser: Visitor) -> None:
    approve(careful.visitor(), wait(careful, browser, alice))
    kept = copy_cookies(browser, careful.visitor(), "waiting")
    go_on(browser)

    kept.get(WAITING, status=303)
    kept.post_form(WAITING, status=303)

    assert not is_logged_in(kept)


def test_of_two_presses_at_once_one_logs_in(careful: Site, alice: Person, browser: Visitor) -> None:
    approve(careful.visitor(), wait(careful, browser, alice))
    tabs = [copy_cookies(browser, careful.visitor()) for _ in range(2)]
    forms = [tab.form(WAITING, "waiting-form") for tab in tabs]

    answers = at_once([lambda form=form: form.submit(status="*") for form in forms])  # type: ignore[misc]

    assert {answer.status_int for answer in answers} == {303}
    assert [tab.cookie("session") is not None for tab in tabs].count(True) == 1


def test_it_ends_after_a_quarter_of_an_hour(careful: Site, alice: Person, browser: Visitor) -> None:
    link = wait(careful, browser, alice)
    careful.clock.advance(minutes=15)

    answer = browser.get(WAITING, status=303)

    assert LOG_IN in answer.location
    careful.visitor().get(link, status=303).follow(status=410)


def test_an_approval_is_void_when_the_account_changed_meanwhile(
    careful: Site, alice: Person, browser: Visitor
) -> None:
    approve(careful.visitor(), wait(careful, browser, alice))
    form = browser.form(WAITING, "waiting-form")

    careful.change("UPDATE users SET security_epoch = security_epoch + 1")

    assert LOG_IN in form.submit(status=303).location
    assert not is_logged_in(browser)


@pytest.mark.attack("P-104")
def test_a_frozen_account_is_not_let_in(careful: Site, alice: Person, browser: Visitor) -> None:
    link = wait(careful, browser, alice)
    approve(careful.visitor(), link)

    careful.change("UPDATE users SET frozen_at = created_at")

    assert LOG_IN in browser.get(WAITING, status=303).location


def test_the_second_factor_cannot_be_answered_again(
    careful: Site, alice: Person, browser: Visitor
) -> None:
    browser.give_password(alice)
    kept = copy_cookies(browser, careful.visitor(), "login", "csrf")
    browser.give_code(alice.code())

    assert LOG_IN in kept.get(TWO_FACTOR, status=303).location
    assert LOG_IN in kept.get(RECOVERY_CODE, status=303).location


# The mails


def test_every_verified_address_gets_the_link_and_nothing_secret_but_it(
    careful: Site, alice: Person, browser: Visitor
) -> None:
    careful.change(
        "INSERT INTO emails (id, user_id, address, address_key, is_primary, created_at, verified_at)"
        " SELECT user_id, user_id, 'second@example.org', 'second@example.org', :no, created_at,"
        " verified_at FROM emails",
        no=False,
    )

    wait(careful, browser, alice)

    assert len(links(careful, "second@example.org")) == 1
    mail = careful.mails("second@example.org")[-1]
    assert alice.code() not in mail.text
    assert "192.0.2.1" in mail.text


def test_the_mail_is_sent_again_once_a_minute_and_both_links_work(
    careful: Site, alice: Person, browser: Visitor
) -> None:
    first = wait(careful, browser, alice)
    form = browser.form(WAITING, "waiting-mail-form")

    refused = form.submit(status=429, headers={"Referer": browser.origin + WAITING})
    assert refused.headers["Retry-After"]
    assert refused.html.select_one("main a")["href"] == WAITING
    careful.clock.advance(seconds=61)
    form.submit(status=303)

    assert len(links(careful, alice.address)) == 2
    approve(careful.visitor(), first)
    go_on(browser)
    assert is_logged_in(browser)


def test_a_login_without_a_mail_says_so(careful: Site, alice: Person, browser: Visitor) -> None:
    wait(careful, careful.visitor(), alice)
    careful.clock.advance(seconds=30)

    browser.give_password(alice)
    browser.give_code(alice.code())

    assert "No mail was sent yet" in browser.get(WAITING, status=200).text
    assert len(links(careful, alice.address)) == 1


# Strangers


def test_the_link_of_one_login_approves_no_other(
    careful: Site, alice: Person, browser: Visitor
) -> None:
    link = wait(careful, browser, alice)
    careful.clock.advance(minutes=2)
    thief = careful.visitor(ELSEWHERE)
    wait(careful, thief, alice)

    approve(careful.visitor(), link)

    go_on(thief, status=422)
    assert not is_logged_in(thief)
    assert careful.value("SELECT count(*) FROM held_logins WHERE approved_at IS NULL") == 1


def test_nothing_is_decided_without_saying_what_or_without_a_link(
    careful: Site, alice: Person, browser: Visitor
) -> None:
    link = wait(careful, browser, alice)
    reader = careful.visitor()
    open_link(reader, link)

    reader.post_form(CONFIRM, {"decision": "maybe"}, status=400)
    careful.visitor().post_form(CONFIRM, {"decision": "approve"}, status=410)
    careful.visitor().post_form(MAIL_AGAIN, status=303)

    assert careful.value("SELECT count(*) FROM held_logins WHERE approved_at IS NOT NULL") == 0


def test_the_session_waits_for_nobody_else(careful: Site, alice: Person, browser: Visitor) -> None:
    """Whoever reads the mails has no more than the mails."""
    link = wait(careful, browser, alice)
    reader = careful.visitor(ELSEWHERE)
    approve(reader, link)

    assert LOG_IN in reader.get(WAITING, status=303).location
    drop_cookie(browser, "waiting")
    assert LOG_IN in browser.get(WAITING, status=303).location


def test_what_is_over_is_forgotten(careful: Site, alice: Person, browser: Visitor) -> None:
    wait(careful, browser, alice)
    careful.clock.advance(days=1, minutes=16)

    careful.run_task("login.purge")

    assert careful.rows("SELECT id FROM held_logins") == []


def test_a_link_that_was_mailed_to_a_removed_address_approves_nothing(
    careful: Site, alice: Person, browser: Visitor
) -> None:
    own, second = careful.visitor(), "alice@example.net"
    approve(careful.visitor(ELSEWHERE), wait(careful, own, alice))
    go_on(own)
    own.post_form(EMAILS, {"email": second}, status=303)
    careful.change("UPDATE emails SET verified_at = created_at")
    careful.clock.advance(minutes=2)
    wait(careful, browser, alice)
    link = links(careful, second)[-1]

    email_id = str(careful.value("SELECT id FROM emails WHERE address = :a", a=second))
    own.post_form(EMAILS, {"delete_email_id": email_id}, status=303)

    careful.visitor(ELSEWHERE).get(link, status=303).follow(status=410)
    careful.clock.advance(minutes=2)
    browser.post_form(MAIL_AGAIN, status=303)
    approve(careful.visitor(ELSEWHERE), links(careful, alice.address)[-1])
    go_on(browser)
