""" "This was not me": the link in every notice, what it does, and what it does not."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.common.people import Person
from tests.common.saying import NOT_ME, REPAIR, not_me_link, say_not_me
from tests.common.site import Site
from tests.common.visitor import Visitor
from warehouse_mfa.accounts.interfaces import IPublishingHold
from warehouse_mfa.notifications.table import NOTICES

FINISH = f"{REPAIR}finish"


def is_held(site: Site) -> bool:
    return site.value("SELECT publishing_held_at FROM users") is not None


def logged_in(site: Site, visitor: Visitor, person: Person) -> str:
    """Log in, and return the link of the mail about it."""
    visitor.log_in(person)
    return not_me_link(site, person.address)


def test_one_press_logs_everybody_out_and_holds_publishing(
    site: Site, visitor: Visitor, user_with_totp: Person
) -> None:
    link = logged_in(site, visitor, user_with_totp)
    other = site.visitor("198.51.100.7")

    page = say_not_me(other, link)

    assert "Nobody is logged in" in page.text
    assert visitor.get("/manage/account/", status=303).location.endswith(
        "/account/login/?next=%2Fmanage%2Faccount%2F"
    )
    assert is_held(site)
    with site.scope() as request:
        assert request.find_service(IPublishingHold).is_held(user_with_totp.user_id)


def test_looking_at_the_page_changes_nothing(
    site: Site, visitor: Visitor, user_with_totp: Person
) -> None:
    link = logged_in(site, visitor, user_with_totp)
    other = site.visitor()
    before = site.tags()

    page = other.get(link, status=303).follow(status=200)
    other.get(link, status=303)

    assert user_with_totp.username in page.text
    assert page.request.query_string == ""
    assert site.tags() == before
    assert not is_held(site)
    visitor.get("/manage/account/", status=200)


def test_a_press_is_one_event_one_notice_and_a_mail(
    site: Site, visitor: Visitor, user_with_totp: Person
) -> None:
    link = logged_in(site, visitor, user_with_totp)
    before, mails = site.tags(), len(site.mails())
    notices = site.value("SELECT count(*) FROM notices")

    say_not_me(site.visitor(), link)

    assert site.tags()[len(before) :] == ["account:not-me:said"]
    assert site.value("SELECT count(*) FROM notices") == notices + 1
    (mail,) = site.mails()[mails:]
    assert mail.to == user_with_totp.address
    assert mail.subject == "Somebody said: this was not me"


def test_the_link_logs_nobody_in(site: Site, visitor: Visitor, user_with_totp: Person) -> None:
    link = logged_in(site, visitor, user_with_totp)
    other = site.visitor()

    say_not_me(other, link)

    assert other.cookie("session") is None
    other.get(REPAIR, status=303)
    assert site.value("SELECT count(*) FROM pending_logins WHERE completed_at IS NULL") == 0


def test_its_owner_can_log_in_as_before(
    site: Site, visitor: Visitor, user_with_totp: Person
) -> None:
    say_not_me(site.visitor(), logged_in(site, visitor, user_with_totp))
    site.clock.advance(minutes=1)

    visitor.log_in(user_with_totp)

    page = visitor.get("/manage/account/", status=200)
    assert page.html.select_one("h2").text == "Next: make your account safe"
    assert page.text.count("Publishing is held") == 1
    assert "Publishing is held" in visitor.get("/manage/account/profile/", status=200).text


def test_a_link_is_used_once(site: Site, visitor: Visitor, user_with_totp: Person) -> None:
    link = logged_in(site, visitor, user_with_totp)
    say_not_me(site.visitor(), link)
    before = site.tags()

    page = site.visitor().get(link, status=303).follow(status=410)

    assert "does not work any more" in page.text
    assert site.tags() == before


@pytest.mark.parametrize(("days", "status"), [(13, 200), (14, 410)])
def test_a_link_works_for_fourteen_days(
    site: Site, visitor: Visitor, user_with_totp: Person, days: int, status: int
) -> None:
    link = logged_in(site, visitor, user_with_totp)

    site.clock.advance(seconds=timedelta(days=days).total_seconds())

    site.visitor().get(link, status=303).follow(status=status)


def test_a_thief_who_changes_the_account_does_not_end_the_link(
    site: Site, visitor: Visitor, user_with_totp: Person
) -> None:
    """The link in the mail to the owner's address, which the thief has taken off the account."""
    link = logged_in(site, visitor, user_with_totp)
    visitor.post_form("/manage/account/emails/", {"email": "thief@example.net"}, status=303)
    site.change("UPDATE emails SET verified_at = created_at")
    ids = dict(site.rows("SELECT address, id FROM emails"))
    for field, address in (
        ("primary_email_id", "thief@example.net"),
        ("delete_email_id", user_with_totp.address),
    ):
        visitor.post_form("/manage/account/emails/", {field: str(ids[address])}, status=303)
    removal = not_me_link(site, user_with_totp.address)
    assert removal != link

    for each in (link, removal):
        say_not_me(site.visitor(), each)

    assert is_held(site)
    visitor.get("/manage/account/", status=303)
    assert site.tags().count("account:not-me:said") == 2


def test_each_mailbox_has_a_link_of_its_own(site: Site, user_with_totp: Person) -> None:
    """Whoever reads one of them cannot use up the link of another."""
    visitor = site.visitor()
    visitor.log_in(user_with_totp)
    visitor.post_form("/manage/account/emails/", {"email": "second@example.net"}, status=303)
    site.change("UPDATE emails SET verified_at = created_at")
    site.clock.advance(minutes=1)
    site.visitor("198.51.100.7").log_in(user_with_totp)

    links = {not_me_link(site, to) for to in (user_with_totp.address, "second@example.net")}

    assert len(links) == 2
    for link in links:
        say_not_me(site.visitor(), link)


def test_a_link_for_something_else_says_nothing(site: Site, visitor: Visitor) -> None:
    site.person("erin", verified=False)
    visitor.give_password(Person("erin", clock=site.clock))
    visitor.post_form("/manage/unverified-account/", {"email": "e@example.net"}, status=303)
    (mail,) = site.mails(to="e@example.net")
    token = parse_qs(urlsplit(mail.link).query)["token"][0]

    site.visitor().get(f"{NOT_ME}?token={token}", status=303).follow(status=410)


def test_every_notice_has_the_link(site: Site) -> None:
    """In its text and in its HTML: a template that forgets the frame fails here."""
    missing = []
    for notice in NOTICES.values():
        for part in ("txt", "html"):
            name = f"mail/{notice.template}/body.{part}"
            environment = site.config.get_jinja2_environment(f".{part}")
            source = environment.loader.get_source(environment, name)[0]
            frames = (f"mail/notice.{part}", f"mail/address.{part}")
            if not any(f'{{% extends "{frame}" %}}' in source for frame in frames):
                missing.append(name)

    assert missing == []


# All is in order


def held(site: Site, visitor: Visitor, person: Person) -> None:
    """Have publishing held, and log in again."""
    say_not_me(site.visitor("198.51.100.7"), logged_in(site, visitor, person))
    site.clock.advance(minutes=1)
    visitor.log_in(person)


def test_its_owner_lets_publishing_go_on(
    site: Site, visitor: Visitor, user_with_totp: Person
) -> None:
    held(site, visitor, user_with_totp)

    visitor.form(REPAIR, "repair-form").submit(status=303)

    assert not is_held(site)
    assert site.tags()[-1] == "account:not-me:lifted"
    mail = site.mails(to=user_with_totp.address)[-1]
    assert mail.subject == "Publishing in your name goes on"
    say_not_me(site.visitor(), not_me_link(site, user_with_totp.address))
    assert is_held(site), "it was the thief who said that all is in order"


def test_letting_it_go_on_takes_a_fresh_factor(
    site: Site, visitor: Visitor, user_with_totp: Person
) -> None:
    held(site, visitor, user_with_totp)
    site.clock.advance(minutes=31)

    answer = visitor.post_form(FINISH, status=303)

    assert "/account/reauthenticate/" in answer.location
    assert is_held(site)


def test_a_recovery_code_does_not_let_it_go_on(
    site: Site, visitor: Visitor, user_with_totp: Person
) -> None:
    visitor.log_in(user_with_totp)
    visitor.make_recovery_codes(user_with_totp)
    say_not_me(site.visitor("198.51.100.7"), not_me_link(site, user_with_totp.address))
    visitor.give_password(user_with_totp)
    visitor.give_recovery_code(user_with_totp.recovery_codes[0])

    page = visitor.post_form(FINISH, status=303).follow(status=200)

    assert "your strongest second factor" in page.text
    assert is_held(site)


def test_a_session_of_before_the_press_does_not_let_it_go_on(
    site: Site, visitor: Visitor, user_with_totp: Person
) -> None:
    link = logged_in(site, visitor, user_with_totp)
    token = visitor.csrf_token("/account/logout/")
    say_not_me(site.visitor("198.51.100.7"), link)

    visitor.post(FINISH, {"csrf_token": token}, status=400)

    assert is_held(site)


def test_the_walk_names_what_was_changed_lately(
    site: Site, visitor: Visitor, user_with_totp: Person
) -> None:
    visitor.log_in(user_with_totp)
    visitor.enroll_totp(user_with_totp, "Stolen phone")
    for _ in range(4):
        site.clock.advance(minutes=1)
        site.visitor().log_in(user_with_totp)

    page = visitor.get(REPAIR, status=200)

    assert "Stolen phone" in page.html.find(id="repair-factors").text
    assert len(page.html.find(id="repair-sessions").find_all("li")) == 3
    assert "Nothing happened here lately" in page.html.find(id="repair-password").text
    assert "repair-form" not in page.forms
    assert page.html.select_one("a[href^='mailto:']")["href"] == "mailto:security@localhost"
