"""Deleting one's account: what goes, what stays, and who may."""

from functools import partial

import pytest

from tests.common.jars import at_once, copy_cookies
from tests.common.people import Person
from tests.common.registering import register
from tests.common.site import Site
from tests.common.tables import dump
from tests.common.visitor import DELETE, RECOVERY_CODES, Visitor
from warehouse_mfa.accounts.interfaces import AccountChanged
from warehouse_mfa.authz import Confirmed, CredentialKind, IAct, Identity

LEFT = {"events", "evidence", "mails", "retired_names", "attempt_counters", "spent_challenges"}
WAITS = "This has to wait"


@pytest.fixture
def alice(site: Site, visitor: Visitor, user_with_totp: Person) -> Person:
    """Alice, logged in with her app."""
    visitor.log_in(user_with_totp)
    return user_with_totp


def delete(visitor: Visitor, person: Person) -> object:
    path = visitor.ask_to_delete(person)
    form = visitor.form(path, "totp-auth-form")
    form["totp_value"] = person.code()
    return form.submit(status=303)


def test_the_account_goes_with_all_that_is_its_own(
    site: Site, visitor: Visitor, alice: Person
) -> None:
    visitor.make_recovery_codes(alice)
    visitor.prove_recovery_code(alice)
    site.clock.advance(seconds=60)

    answer = delete(visitor, alice)

    assert "Your account is deleted" in answer.follow().text  # type: ignore[attr-defined]
    assert {table for table, rows in dump(site).items() if rows} <= LEFT
    assert visitor.cookie("session") is visitor.cookie("device") is None


def test_its_events_stay_without_what_names_a_person(
    site: Site, visitor: Visitor, alice: Person
) -> None:
    before = site.tags()
    site.clock.advance(seconds=60)

    delete(visitor, alice)

    assert site.tags() == [*before, "account:deleted"]
    assert site.value("SELECT count(*) FROM event_private") == 0


def test_its_people_are_told_in_their_language(site: Site, visitor: Visitor, alice: Person) -> None:
    site.change("UPDATE users SET locale = 'fr'")
    site.clock.advance(seconds=60)

    delete(visitor, alice)

    mail = site.mails(to=alice.address)[-1]
    assert mail.subject == "Votre compte a été supprimé"
    for body in (mail.text, mail.html):
        assert "/manage/account/notices/" not in body
        # There is nothing else that could have helped first.
        assert "Prévenez tout de suite les" in body


@pytest.mark.parametrize("name", ["alice", "ALICE"])
def test_nobody_gets_the_name_again(site: Site, visitor: Visitor, alice: Person, name: str) -> None:
    site.clock.advance(seconds=60)
    delete(visitor, alice)

    page = register(site.visitor(), 422, username=name)

    assert "This username is taken" in page.text
    assert site.value("SELECT count(*) FROM users") == 0


@pytest.mark.parametrize("typed", ["", "bob", "Alice"])
def test_another_name_than_ones_own_asks_for_nothing(
    site: Site, visitor: Visitor, alice: Person, typed: str
) -> None:
    form = visitor.form(DELETE, "delete-account-form")
    form["confirmation"] = typed

    page = form.submit(status=422)

    assert "Enter" in page.html.select_one(".error-summary").text
    assert site.value("SELECT count(*) FROM asked_acts") == 0


def test_another_session_of_hers_ends_too(site: Site, visitor: Visitor, alice: Person) -> None:
    other = site.visitor()
    other.give_password(alice)
    site.clock.advance(seconds=60)
    delete(visitor, alice)

    other.get("/account/two-factor/", status=303)
    other.give_password(alice, status=422)


@pytest.mark.attack("P-047")
def test_a_session_of_less_than_the_strongest_factor_may_not(
    site: Site, visitor: Visitor, user_with_totp: Person
) -> None:
    """A phished code deletes nothing of whoever has a key."""
    visitor.log_in(user_with_totp)
    visitor.register_key(user_with_totp)
    site.clock.advance(seconds=60)
    visitor.step_up(user_with_totp)

    page = visitor.get(DELETE, status=403)
    answer = visitor.post_form(DELETE, {"confirmation": "alice"}, status=403)

    assert WAITS in page.text
    assert WAITS in answer.text
    assert site.value("SELECT count(*) FROM asked_acts") == 0


def test_whoever_lost_the_phone_adds_another_app_and_waits_for_a_day(
    site: Site, visitor: Visitor, alice: Person
) -> None:
    visitor.make_recovery_codes(alice)
    visitor.prove_recovery_code(alice)
    visitor.form("/account/logout/", "logout-form").submit(status=303)
    visitor.give_password(alice)
    visitor.give_recovery_code(alice.recovery_codes.pop())
    visitor.enroll_totp(alice, "New phone")
    alice.codes.pop(0)
    assert WAITS in visitor.get(DELETE, status=403).text

    site.clock.advance(days=1)
    visitor.log_in(alice)
    site.clock.advance(seconds=60)
    delete(visitor, alice)

    assert site.value("SELECT count(*) FROM users") == 0


def test_a_recovery_code_does_not_confirm(site: Site, visitor: Visitor, alice: Person) -> None:
    visitor.make_recovery_codes(alice)
    visitor.prove_recovery_code(alice)
    path = visitor.ask_to_delete(alice)

    visitor.get(f"{path}?factor=recovery-code", status=404)

    assert "recovery" not in visitor.get(path, status=200).html.select_one("main").text.lower()
    assert RECOVERY_CODES not in visitor.get(path).text


def test_of_deletions_that_were_confirmed_apart_one_happens(site: Site, alice: Person) -> None:
    epoch = site.value("SELECT security_epoch FROM users")
    identity = Identity(
        credential=CredentialKind.SESSION,
        user_id=alice.user_id,
        username=alice.username,
        security_epoch=epoch,
        is_verified=True,
        factor="totp",
    )

    def perform() -> bool:
        try:
            with site.scope() as request:
                act = request.find_service(IAct, context=None, name="account:delete")
                act.perform(identity, "", Confirmed("totp", "Phone"))
        except AccountChanged:
            return False
        return True

    assert sorted(at_once([perform] * 3)) == [False, False, True]
    assert site.tags().count("account:deleted") == 1


def test_a_deletion_that_is_confirmed_many_times_at_once_happens_once(
    site: Site, visitor: Visitor, alice: Person
) -> None:
    """Others log in to the account at that moment, and nobody sees an error of ours."""
    site.clock.advance(seconds=60)
    path = visitor.ask_to_delete(alice)
    fields = {"totp_value": alice.code(), "csrf_token": visitor.csrf_token("/account/logout/")}
    tabs = [copy_cookies(visitor, site.visitor()) for _ in range(6)]
    logins = [site.visitor(address=f"198.51.100.{n}") for n in range(6)]
    typed = {"username": alice.username, "password": alice.password, "next": ""}
    calls = [partial(tab.post, path, fields, status="*") for tab in tabs]
    for login in logins:
        token = {"csrf_token": login.csrf_token("/account/login/")}
        calls.append(partial(login.post, "/account/login/", {**typed, **token}, status="*"))

    statuses = [answer.status_int for answer in at_once(calls)]
    site.run_task("accounts.erase")

    assert max(statuses) < 500
    assert site.tags().count("account:deleted") == 1
    assert site.value("SELECT count(*) FROM evidence") == 1
    assert site.value("SELECT count(*) FROM pending_logins") == 0
    assert (
        site.value(
            "SELECT count(*) FROM event_private p JOIN events e ON e.id = p.event_id"
            " WHERE e.subject_id IS NOT NULL"
        )
        == 0
    )
