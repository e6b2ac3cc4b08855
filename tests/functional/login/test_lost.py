"""When everything is lost: a request that proves something, waits, and changes nothing."""

import pytest

from tests.common.losing import (
    CONFIRM_LOSS,
    LOST,
    STATEMENT,
    TASK,
    ask_for_help,
    confirm,
    help_link,
)
from tests.common.people import Person
from tests.common.resetting import ask_for_reset, open_link
from tests.common.saying import not_me_link, say_not_me
from tests.common.site import Site
from tests.common.visitor import REAUTHENTICATE, TWO_FACTOR, Visitor
from warehouse_mfa.login.interfaces import HelpRequest, ILostService

STRANGER = "stranger@example.net"


def requests(site: Site) -> list[HelpRequest]:
    with site.scope() as request:
        return list(request.find_service(ILostService).requests())


def state_of(site: Site) -> list[object]:
    """Return all that protects accounts."""
    return [
        site.rows(f"SELECT * FROM {table} ORDER BY id")
        for table in ("users", "emails", "totp_applications", "recovery_codes", "sessions")
    ]


def test_a_request_waits_with_what_it_proves(
    site: Site, visitor: Visitor, user_with_totp: Person
) -> None:
    link = help_link(site, user_with_totp, user_with_totp.address, user_with_totp.password)

    page = confirm(visitor, link)

    assert "Your request waits" in page.text
    (asked,) = requests(site)
    assert (asked.username, asked.address) == ("alice", user_with_totp.address)
    assert (asked.is_password_right, asked.is_own_address) == (True, True)
    assert asked.statement == STATEMENT
    assert (asked.waits_until - asked.confirmed_at).days == 7


def test_a_request_of_a_stranger_proves_nothing(
    site: Site, visitor: Visitor, user_with_totp: Person
) -> None:
    confirm(visitor, help_link(site, user_with_totp, STRANGER, "a wrong password"))

    (asked,) = requests(site)

    assert (asked.is_password_right, asked.is_own_address) == (False, False)
    assert "account:password:failed" in site.tags()


def test_every_verified_address_is_told_and_nothing_changes(
    site: Site, visitor: Visitor, user_with_totp: Person
) -> None:
    before = state_of(site)
    link = help_link(site, user_with_totp, STRANGER)
    assert site.mails(to=user_with_totp.address)[-1].subject != (
        "Somebody asks for help with your account"
    )

    confirm(visitor, link)

    mail = site.mails(to=user_with_totp.address)[-1]
    assert mail.subject == "Somebody asks for help with your account"
    assert STRANGER in mail.text
    assert site.tags()[-1] == "account:help:asked"
    assert state_of(site) == before


def test_its_owner_withdraws_it_with_one_press(
    site: Site, visitor: Visitor, user_with_totp: Person
) -> None:
    confirm(visitor, help_link(site, user_with_totp, STRANGER))

    say_not_me(site.visitor(), not_me_link(site, user_with_totp.address))

    assert requests(site) == []
    assert "account:help:withdrawn" in site.tags()


def test_a_request_that_was_withdrawn_is_not_confirmed_any_more(
    site: Site, visitor: Visitor, user_with_totp: Person
) -> None:
    confirm(visitor, help_link(site, user_with_totp, STRANGER))
    later = help_link(site, user_with_totp, "other@example.net")

    say_not_me(site.visitor(), not_me_link(site, user_with_totp.address))

    visitor.get(later, status=303).follow(status=410)
    assert requests(site) == []


def test_known_and_unknown_names_get_the_same_answer(site: Site, user_with_totp: Person) -> None:
    answers = []
    for name in (user_with_totp.username, "nobody"):
        visitor = site.visitor()
        answer = ask_for_help(visitor, name, STRANGER, "a wrong password")
        answers.append((answer.status, answer.location, answer.follow().html.find("main").text))

    assert answers[0] == answers[1]
    assert site.value("SELECT count(*) FROM lost_requests") == 2
    site.run_task(TASK)
    assert site.value("SELECT count(*) FROM lost_requests") == 1
    assert len(site.mails(to=STRANGER)) == 1


@pytest.mark.attack("P-093")
def test_nobody_learns_whose_address_another_one_is(site: Site, user_with_totp: Person) -> None:
    pages = [
        ask_for_help(site.visitor(), address, STRANGER, user_with_totp.password, status=422)
        for address in (user_with_totp.address, "nobody@example.org")
    ]
    site.run_task(TASK)

    texts = [page.html.find("main").text for page in pages]
    assert texts[0] == texts[1]
    assert "or the same address as below" in texts[0]
    assert site.mails(to=STRANGER) == []
    assert site.value("SELECT count(*) FROM lost_requests") == 0


def test_whoever_knows_only_their_address_gives_it_twice(
    site: Site, visitor: Visitor, user_with_totp: Person
) -> None:
    ask_for_help(visitor, user_with_totp.address.upper(), user_with_totp.address)
    site.run_task(TASK)

    confirm(visitor, site.mails(to=user_with_totp.address)[-1].link)

    (asked,) = requests(site)
    assert (asked.username, asked.is_own_address) == ("alice", True)


@pytest.mark.parametrize("name", ["alice", "nobody"])
def test_passwords_cannot_be_guessed_here(site: Site, user_with_totp: Person, name: str) -> None:
    """They are counted with those of the login, for names that nobody has, too."""
    visitor = site.visitor()
    for _ in range(10):
        ask_for_help(visitor, name, STRANGER, "a wrong password")

    ask_for_help(visitor, name, STRANGER, user_with_totp.password, status=429)

    assert site.value("SELECT count(*) FROM lost_requests WHERE is_password_right") == 0


def test_what_was_typed_as_the_password_is_kept_nowhere(
    site: Site, visitor: Visitor, user_with_totp: Person
) -> None:
    page = ask_for_help(visitor, "alice", "no address", user_with_totp.password, status=422)

    assert user_with_totp.password not in page.text
    assert "Check it" in page.text
    assert site.value("SELECT count(*) FROM lost_requests") == 0


def test_a_link_is_used_once_and_within_a_day(
    site: Site, visitor: Visitor, user_with_totp: Person
) -> None:
    link = help_link(site, user_with_totp, STRANGER)
    late = help_link(site, user_with_totp, "late@example.net")
    confirm(visitor, link)
    visitor.get(link, status=303).follow(status=410)

    site.clock.advance(hours=24)

    visitor.get(late, status=303).follow(status=410)
    assert len(requests(site)) == 1


@pytest.mark.attack("P-006")
def test_strangers_who_ask_for_help_with_an_account_leave_its_owner_a_mail(
    site: Site, user_with_totp: Person
) -> None:
    for _ in range(7):
        ask_for_help(site.visitor("203.0.113.9"), user_with_totp.username, STRANGER)
        site.run_task(TASK)

    assert len(site.mails(to=STRANGER)) == 5
    assert CONFIRM_LOSS in help_link(site, user_with_totp, user_with_totp.address)


def test_requests_that_nobody_confirmed_are_forgotten(site: Site, user_with_totp: Person) -> None:
    help_link(site, user_with_totp, STRANGER)

    site.clock.advance(hours=49)
    site.run_task("login.purge")

    assert site.value("SELECT count(*) FROM lost_requests") == 0


def test_the_way_there_stands_wherever_a_second_factor_is_asked_for(
    site: Site, visitor: Visitor, user_with_totp: Person
) -> None:
    visitor.give_password(user_with_totp)
    pages = [visitor.get(TWO_FACTOR, status=200)]
    visitor.give_code(user_with_totp.code())
    pages += [visitor.get(path) for path in (REAUTHENTICATE, visitor.ask_to_delete(user_with_totp))]
    pages.append(open_link(site.visitor(), ask_for_reset(site, user_with_totp)))

    assert [page.html.find("a", href=LOST) is not None for page in pages] == [True] * 4
    assert visitor.get(CONFIRM_LOSS, status=410)
