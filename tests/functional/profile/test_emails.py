"""The addresses of an account: several, each verified, one of them primary."""

from functools import partial
from typing import Any
from uuid import UUID

import pytest

from tests.common.answers import face, refusals
from tests.common.jars import at_once, copy_cookies
from tests.common.people import Person
from tests.common.registering import NEWTON, register
from tests.common.resetting import TASK, ask, ask_for_reset, choose, links
from tests.common.site import Site
from tests.common.tables import dump
from tests.common.visitor import Visitor
from tests.common.watching import statements

PAGE = "/manage/account/emails/"
LANDING = "/manage/account/"
LOGIN = "/account/login/"
VERIFY = "/account/verify-email/"
SECOND = "alice@example.net"
VERIFIED_PRIMARY = "is_primary AND verified_at IS NOT NULL"
ADDRESSES = "SELECT address, is_primary, verified_at IS NOT NULL FROM emails ORDER BY id"


@pytest.fixture
def alice(visitor: Visitor, user_with_totp: Person) -> Person:
    """Alice, logged in as `visitor`."""
    visitor.log_in(user_with_totp)
    return user_with_totp


def add(visitor: Visitor, address: str = SECOND, status: int = 303) -> Any:
    form = visitor.form(PAGE, "add-email-form")
    form["email"] = address
    return form.submit(status=status)


def verify(site: Site, address: str = SECOND) -> None:
    """Open the newest link to an address in a browser of its own, and press the button."""
    link = [mail.link for mail in site.mails(to=address) if VERIFY in mail.text][-1]
    page = site.visitor("198.51.100.77").get(link, status=303).follow()
    page.forms["verify-form"].submit("decision", value="verify", status=200)


def add_verified(site: Site, visitor: Visitor, address: str = SECOND) -> None:
    add(visitor, address)
    verify(site, address)


def id_of(site: Site, address: str) -> str:
    return str(UUID(str(site.value("SELECT id FROM emails WHERE address = :a", a=address))))


def act(visitor: Visitor, field: str, email_id: str, status: int = 303) -> Any:
    fields = {field: email_id, "csrf_token": visitor.csrf_token(PAGE)}
    return visitor.post(PAGE, fields, status=status)


def make_primary(site: Site, visitor: Visitor, address: str = SECOND, status: int = 303) -> Any:
    return act(visitor, "primary_email_id", id_of(site, address), status)


def remove(site: Site, visitor: Visitor, address: str = SECOND, status: int = 303) -> Any:
    return act(visitor, "delete_email_id", id_of(site, address), status)


def told(site: Site, before: int, subject: str) -> list[str]:
    """Return who got a mail of that subject since there were `before` mails."""
    return sorted(mail.to for mail in site.mails()[before:] if mail.subject == subject)


def lines_on(page: Any) -> list[str]:
    return [
        " ".join(line.get_text(" ").split()) for line in page.html.select("#email-addresses li")
    ]


# Another address


def test_an_address_is_added_and_verified_with_its_link(
    site: Site, visitor: Visitor, alice: Person
) -> None:
    page = add(visitor).follow(status=200)
    verify(site)

    assert "We have sent a mail to the new address." in page
    assert site.rows(ADDRESSES) == [(alice.address, True, True), (SECOND, False, True)]


def test_each_step_is_recorded_once(site: Site, visitor: Visitor, alice: Person) -> None:
    before = len(site.tags())

    add_verified(site, visitor)
    make_primary(site, visitor)
    remove(site, visitor, alice.address)

    assert site.tags()[before:] == [
        "account:email:claimed",
        "account:email:verified",
        "account:email:primary-changed",
        "account:email:removed",
    ]


def test_the_history_names_the_address_which_stands_apart_in_the_trail(
    site: Site, visitor: Visitor, alice: Person
) -> None:
    add(visitor)

    page = visitor.get("/manage/account/history/", status=200)

    assert f"You gave the email address {SECOND}." in page.html.select_one("tbody td").text
    facts = site.value("SELECT facts FROM events WHERE tag = 'account:email:claimed'")
    assert SECOND not in str(facts)
    apart = site.rows("SELECT field FROM event_private WHERE value = :a", a=SECOND)
    assert apart == [("email",)]


def test_the_verified_addresses_are_told_of_a_new_one(
    site: Site, visitor: Visitor, alice: Person
) -> None:
    before = len(site.mails())

    add(visitor)

    assert told(site, before, "Another email address was given for your account") == [alice.address]
    notice = site.mails(to=alice.address)[-1]
    assert SECOND in notice.text
    assert SECOND in notice.html


def test_one_logs_in_with_any_verified_address(site: Site, visitor: Visitor, alice: Person) -> None:
    add_verified(site, visitor)
    site.clock.advance(seconds=60)

    other = site.visitor("198.51.100.1")
    other.give_password(alice, username=SECOND)

    other.give_code(alice.code())
    other.get(LANDING, status=200)


def test_nobody_logs_in_with_a_claim(site: Site, visitor: Visitor, alice: Person) -> None:
    add(visitor)

    site.visitor("198.51.100.1").give_password(alice, username=SECOND, status=422)


def test_the_page_behind_the_link_does_not_send_to_what_is_done(
    site: Site, visitor: Visitor, alice: Person
) -> None:
    add(visitor)
    link = site.mails(to=SECOND)[-1].link

    page = visitor.get(link, status=303).follow()
    done = page.forms["verify-form"].submit("decision", value="verify", status=200)

    assert page.html.select(".steps") == []
    assert [link["href"] for link in done.html.select("main .actions a")] == [PAGE]


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("", "Enter your email address."),
        ("isaac", "This does not look like an email address. Check it, such as name@example.org."),
        ("ALICE@Example.ORG", "Your account has this address already."),
    ],
)
def test_what_cannot_be_added_is_refused(
    site: Site, visitor: Visitor, alice: Person, typed: str, message: str
) -> None:
    before = dump(site)

    refused = add(visitor, typed, status=422)

    assert refusals(refused) == [message]
    assert dump(site) == before


def test_an_account_has_ten_addresses(site: Site, visitor: Visitor, alice: Person) -> None:
    for n in range(9):
        add(visitor, f"alice{n}@example.net")

    refused = add(visitor, "alice10@example.net", status=422)

    assert refusals(refused) == [
        "Your account has as many addresses as it can have. Remove one first."
    ]
    assert site.value("SELECT count(*) FROM emails") == 10


def test_of_many_added_at_once_ten_are_kept(site: Site, visitor: Visitor, alice: Person) -> None:
    token = visitor.csrf_token(PAGE)
    acts = [
        partial(
            copy_cookies(visitor, site.visitor()).post,
            PAGE,
            {"email": f"alice{n}@example.net", "csrf_token": token},
            status="*",
        )
        for n in range(14)
    ]

    statuses = sorted(answer.status_int for answer in at_once(acts))

    assert statuses == [303] * 9 + [422] * 5
    assert site.value("SELECT count(*) FROM emails") == 10


def test_a_taken_address_gets_the_same_answer_and_its_owner_a_mail(
    site: Site, visitor: Visitor, alice: Person
) -> None:
    bob = site.person("bob")
    free = add(visitor, "bobo@example.org")
    page_of_free = face(free.follow(), "bobo@example.org", id_of(site, "bobo@example.org"))
    remove(site, visitor, "bobo@example.org")
    before = len(site.mails())

    taken = add(visitor, bob.address)

    assert face(taken) == face(free)
    assert face(taken.follow(), bob.address, id_of_claim(site, alice)) == page_of_free
    (mail,) = [mail for mail in site.mails()[before:] if mail.to == bob.address]
    assert "You already have an account" in mail.subject
    assert VERIFY not in mail.text


def id_of_claim(site: Site, person: Person) -> str:
    ids = site.rows("SELECT id FROM emails WHERE verified_at IS NULL")
    return str(UUID(str(ids[-1][0])))


def test_the_mail_can_be_sent_again(site: Site, visitor: Visitor, alice: Person) -> None:
    add(visitor)

    page = act(visitor, "reverify_email_id", id_of(site, SECOND)).follow(status=200)

    assert "it is on its way again" in page
    assert len(site.mails(to=SECOND)) == 2


def test_the_mail_is_not_sent_to_an_address_of_somebody_else(
    site: Site, visitor: Visitor, alice: Person
) -> None:
    nina = site.person("nina", verified=False)

    act(visitor, "reverify_email_id", id_of(site, nina.address))

    assert site.mails(to=nina.address) == []


@pytest.mark.parametrize("field", ["delete_email_id", "primary_email_id", "reverify_email_id"])
@pytest.mark.parametrize("value", ["", "1", "x" * 1000, "00000000-0000-0000-0000-00000000000g"])
def test_what_is_no_id_is_refused(
    site: Site, visitor: Visitor, alice: Person, field: str, value: str
) -> None:
    before = dump(site)

    act(visitor, field, value, status=400)

    assert dump(site) == before


def test_an_address_that_nobody_verifies_lapses(
    site: Site, visitor: Visitor, alice: Person
) -> None:
    page = add(visitor).follow()
    site.clock.advance(days=7, seconds=1)

    site.run_task("accounts.lapse")

    assert "Not verified." in lines_on(page)[1]
    assert site.rows(ADDRESSES) == [(alice.address, True, True)]


# The primary one


def test_a_verified_address_becomes_the_primary_one(
    site: Site, visitor: Visitor, alice: Person
) -> None:
    add_verified(site, visitor)

    page = make_primary(site, visitor).follow(status=200)

    assert "Your primary address is changed." in page
    assert lines_on(page)[0].startswith(f"{SECOND} Verified Primary address")
    assert site.rows(ADDRESSES) == [(alice.address, False, True), (SECOND, True, True)]


def test_the_old_primary_address_and_all_verified_ones_are_told(
    site: Site, visitor: Visitor, alice: Person
) -> None:
    add_verified(site, visitor)
    add_verified(site, visitor, "third@example.net")
    add(visitor, "claimed@example.net")
    before = len(site.mails())

    make_primary(site, visitor)

    everybody = sorted([alice.address, SECOND, "third@example.net"])
    assert told(site, before, "Your primary address was changed") == everybody


@pytest.mark.attack("P-086")
def test_another_primary_address_ends_other_sessions_and_pending_logins(
    site: Site, visitor: Visitor, alice: Person
) -> None:
    add_verified(site, visitor)
    site.clock.advance(seconds=60)
    other, waiting = site.visitor("198.51.100.1"), site.visitor("198.51.100.2")
    other.log_in(alice)
    waiting.give_password(alice)
    thief = copy_cookies(visitor, site.visitor("198.51.100.3"))

    make_primary(site, visitor)

    for ended in (other, thief):
        assert LOGIN in ended.get(LANDING, status=303).location
    assert waiting.get("/account/two-factor/", status=303).location.endswith(LOGIN)
    visitor.get(LANDING, status=200)


@pytest.mark.attack("P-096", "P-106")
def test_another_primary_address_voids_links_that_were_mailed_before(
    site: Site, visitor: Visitor, alice: Person
) -> None:
    add_verified(site, visitor)
    add(visitor, "third@example.net")
    link = site.mails(to="third@example.net")[-1].link

    make_primary(site, visitor)

    site.visitor().get(link, status=303).follow(status=410)


def test_a_claim_does_not_become_the_primary_address(
    site: Site, visitor: Visitor, alice: Person
) -> None:
    add(visitor)
    before = dump(site)

    refused = make_primary(site, visitor, status=422)

    assert refusals(refused) == ["Verify this address before you make it the primary one."]
    assert dump(site) == before


def test_an_address_of_somebody_else_does_not_become_the_primary_one(
    site: Site, visitor: Visitor, alice: Person
) -> None:
    bob = site.person("bob")
    before = dump(site)

    make_primary(site, visitor, bob.address, status=422)

    assert dump(site) == before


def test_making_the_primary_address_primary_changes_nothing(
    site: Site, visitor: Visitor, alice: Person
) -> None:
    before = dump(site)

    make_primary(site, visitor, alice.address)

    assert dump(site) == before


def test_of_two_made_primary_at_once_one_is(site: Site, visitor: Visitor, alice: Person) -> None:
    add_verified(site, visitor)
    add_verified(site, visitor, "third@example.net")
    token = visitor.csrf_token(PAGE)
    acts = [
        partial(
            copy_cookies(visitor, site.visitor()).post,
            PAGE,
            {"primary_email_id": id_of(site, address), "csrf_token": token},
            status="*",
        )
        for address in (SECOND, "third@example.net") * 3
    ]

    answers = at_once(acts)

    assert {answer.status_int for answer in answers} <= {303, 400}
    assert (
        sum(answer.location.endswith(PAGE) for answer in answers if answer.status_int == 303) == 1
    )
    assert site.value("SELECT count(*) FROM emails WHERE is_primary") == 1
    assert site.tags().count("account:email:primary-changed") == 1


# One less


def test_a_removed_address_is_told_and_opens_nothing_any_more(
    site: Site, visitor: Visitor, alice: Person
) -> None:
    add_verified(site, visitor)
    before = len(site.mails())

    remove(site, visitor)

    everybody = sorted([alice.address, SECOND])
    assert told(site, before, "An email address was removed from your account") == everybody
    site.visitor("198.51.100.1").give_password(alice, username=SECOND, status=422)


def test_nobody_is_told_of_a_claim_that_is_taken_back(
    site: Site, visitor: Visitor, alice: Person
) -> None:
    add(visitor)
    before = len(site.mails())

    remove(site, visitor)

    assert site.mails()[before:] == []
    assert site.tags()[-1] == "account:email:removed"


@pytest.mark.attack("P-096")
def test_the_link_of_a_removed_address_does_not_work(
    site: Site, visitor: Visitor, alice: Person
) -> None:
    add(visitor)
    link = site.mails(to=SECOND)[-1].link

    remove(site, visitor)

    site.visitor().get(link, status=303).follow(status=410)


@pytest.mark.attack("P-094")
def test_a_reset_link_that_was_mailed_to_a_removed_address_does_not_work(
    site: Site, visitor: Visitor, alice: Person
) -> None:
    add_verified(site, visitor)
    link = ask_by_address(site, SECOND)

    remove(site, visitor)

    site.visitor("198.51.100.4").get(link, status=303).follow(status=410)


def ask_by_address(site: Site, address: str) -> str:
    """Ask for a reset link by an address, and return the link that is mailed there."""
    ask(site.visitor("198.51.100.5"), address)
    site.run_task(TASK)
    (link,) = links(site, address)
    return link


@pytest.mark.attack("P-006")
def test_strangers_who_claim_an_address_leave_its_owner_mails_to_another(
    site: Site, visitor: Visitor, alice: Person
) -> None:
    before = len(site.mails(to=alice.address))
    for number in range(7):
        stranger = {**NEWTON, "username": f"stranger{number}", "email": alice.address}
        register(site.visitor(f"203.0.113.{number}"), **stranger)

    add(visitor)

    told = [mail.subject for mail in site.mails(to=alice.address)[before:]]
    assert told.count(told[0]) == 5
    assert [VERIFY in mail.text for mail in site.mails(to=SECOND)] == [True]


@pytest.mark.parametrize("is_alone", [True, False])
def test_the_primary_address_stays(
    site: Site, visitor: Visitor, alice: Person, is_alone: bool
) -> None:
    if not is_alone:
        add_verified(site, visitor)
    before = dump(site)

    refused = remove(site, visitor, alice.address, status=422)

    assert "This is your primary address, which stays." in refusals(refused)[0]
    assert dump(site) == before


def test_an_address_of_somebody_else_is_not_removed(
    site: Site, visitor: Visitor, alice: Person
) -> None:
    bob = site.person("bob")
    before = dump(site)

    remove(site, visitor, bob.address)

    assert dump(site) == before


def test_an_address_removed_many_times_at_once_is_removed_once(
    site: Site, visitor: Visitor, alice: Person
) -> None:
    add_verified(site, visitor)
    fields = {"delete_email_id": id_of(site, SECOND), "csrf_token": visitor.csrf_token(PAGE)}
    tabs = [copy_cookies(visitor, site.visitor()) for _ in range(8)]

    answers = at_once([partial(tab.post, PAGE, fields, status="*") for tab in tabs])

    assert [answer.status_int for answer in answers] == [303] * 8
    assert site.tags().count("account:email:removed") == 1


def test_an_address_made_primary_and_removed_at_once_leaves_a_verified_primary_one(
    site: Site, visitor: Visitor, alice: Person
) -> None:
    add_verified(site, visitor)
    email_id, token = id_of(site, SECOND), visitor.csrf_token(PAGE)
    acts = [
        partial(
            copy_cookies(visitor, site.visitor()).post,
            PAGE,
            {field: email_id, "csrf_token": token},
            status="*",
        )
        for field in ("primary_email_id", "delete_email_id") * 4
    ]

    statuses = {answer.status_int for answer in at_once(acts)}

    assert statuses <= {303, 400, 422}
    assert site.value(f"SELECT count(*) FROM emails WHERE {VERIFIED_PRIMARY}") == 1


# Who may


@pytest.mark.attack("P-091")
@pytest.mark.parametrize("field", ["delete_email_id", "primary_email_id", "email"])
def test_a_session_that_proved_nothing_lately_changes_nothing(
    site: Site, visitor: Visitor, alice: Person, field: str
) -> None:
    add_verified(site, visitor)
    value = "third@example.net" if field == "email" else id_of(site, SECOND)
    token = visitor.csrf_token(PAGE)
    site.clock.advance(minutes=31)
    before = site.rows(ADDRESSES)

    answer = visitor.post(PAGE, {field: value, "csrf_token": token}, status=303)

    assert "/account/reauthenticate/" in answer.location
    assert site.rows(ADDRESSES) == before


def test_an_address_that_was_typed_when_the_window_ended_is_shown_again(
    site: Site, visitor: Visitor, alice: Person
) -> None:
    token = visitor.csrf_token(PAGE)
    site.clock.advance(minutes=31)
    visitor.post(PAGE, {"email": SECOND, "csrf_token": token}, status=303)

    visitor.step_up(alice, next=PAGE)

    assert visitor.form(PAGE, "add-email-form")["email"].value == SECOND


# Pre-hijacking: somebody has the address before its owner comes


@pytest.mark.attack("P-106")
def test_a_claim_in_another_account_blocks_nobody_and_comes_to_nothing(
    site: Site, visitor: Visitor, mallory: Person
) -> None:
    visitor.log_in(mallory)
    add(visitor, NEWTON["email"])
    claim = site.mails(to=NEWTON["email"])[-1].link

    newton = site.visitor("198.51.100.6")
    register(newton)
    verify(site, NEWTON["email"])

    opened = site.visitor("198.51.100.7").get(claim, status=303).follow(status=200)
    opened.forms["verify-form"].submit("decision", value="verify", status=410)
    assert site.rows(
        "SELECT u.username FROM users u JOIN emails e ON e.user_id = u.id"
        " WHERE e.address = :a AND e.verified_at IS NOT NULL",
        a=NEWTON["email"],
    ) == [("newton",)]


@pytest.mark.attack("P-106")
def test_the_owner_of_an_address_takes_it_out_of_somebody_elses_account(
    site: Site, visitor: Visitor, mallory: Person
) -> None:
    visitor.log_in(mallory)
    add(visitor, NEWTON["email"])
    page = site.visitor("198.51.100.6").get(site.mails(to=NEWTON["email"])[-1].link).follow()

    assert "mallory" in page.html.select_one("main").text
    page.forms["disown-form"].submit("decision", value="disown", status=200)

    assert site.rows("SELECT 1 FROM emails WHERE address = :a", a=NEWTON["email"]) == []


@pytest.mark.attack("P-106")
def test_a_claim_gets_no_reset_link_of_the_account_that_claims(
    site: Site, visitor: Visitor, mallory: Person
) -> None:
    visitor.log_in(mallory)
    add(visitor, NEWTON["email"])
    before = len(site.mails())
    stranger = site.visitor("198.51.100.6")

    ask(stranger, NEWTON["email"])
    site.run_task(TASK)

    assert site.mails()[before:] == []


@pytest.mark.attack("P-106")
def test_a_reset_ends_the_changes_that_somebody_had_under_way(
    site: Site, visitor: Visitor, alice: Person
) -> None:
    add(visitor, "mallory@example.net")
    pending = site.mails(to="mallory@example.net")[-1].link
    owner = site.visitor("198.51.100.6")
    owner.get(ask_for_reset(site, alice), status=303)
    site.clock.advance(seconds=60)

    choose(owner, answer=alice.code())

    assert LOGIN in visitor.get(LANDING, status=303).location
    site.visitor("198.51.100.7").get(pending, status=303).follow(status=410)


# What it costs


def test_the_page_costs_two_statements_however_many_addresses_there_are(
    site: Site, visitor: Visitor, alice: Person
) -> None:
    costs = []
    for n in range(6):
        with statements(site) as sent:
            visitor.get(PAGE, status=200)
        costs.append(len([one for one in sent if not one.startswith("BEGIN")]))
        add(visitor, f"alice{n}@example.net")

    assert set(costs[1:]) == {2}
