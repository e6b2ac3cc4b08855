"""A ceremony belongs to one person, one session and one purpose."""

from uuid import UUID

import pytest

from tests.common.jars import copy_cookies
from tests.common.people import Person
from tests.common.site import Site
from tests.common.visitor import KEY, PROVISION_KEY, Visitor
from warehouse_mfa.webauthn.challenge import Audience, ChallengeInvalid, Purpose
from warehouse_mfa.webauthn.interfaces import IChallengeService

pytestmark = pytest.mark.attack("P-072")

OWNERS = "SELECT username FROM webauthn_credentials JOIN users ON users.id = user_id ORDER BY 1"
SPENT = "SELECT count(*) FROM spent_challenges"


def log_out(visitor: Visitor) -> None:
    visitor.form("/account/logout/", "logout-form").submit(status=303)


def test_options_of_one_account_do_not_register_in_another(
    site: Site, newcomer: Visitor, mallory: Person
) -> None:
    attacker = site.visitor()
    attacker.log_in(mallory)
    options = attacker.get(f"{PROVISION_KEY}/options").json
    mallory.key.credentials.clear()

    answer = newcomer.send_registration(mallory.key.create(options, site.origin), status=422)

    assert answer.json["fail"]["reason"] == "refused"
    assert site.rows(OWNERS) == [("mallory",)]


def test_options_of_one_account_do_not_register_in_the_next_one_of_the_same_jar(
    site: Site, newcomer: Visitor, dave: Person, mallory: Person
) -> None:
    options = newcomer.get(f"{PROVISION_KEY}/options").json
    log_out(newcomer)
    newcomer.log_in(mallory)

    newcomer.send_registration(dave.key.create(options, site.origin), status=422)

    assert site.rows(OWNERS) == [("mallory",)]


def test_options_of_one_session_do_not_register_in_the_next_one(
    site: Site, newcomer: Visitor, dave: Person
) -> None:
    options = newcomer.get(f"{PROVISION_KEY}/options").json
    log_out(newcomer)
    newcomer.give_password(dave)

    newcomer.send_registration(dave.key.create(options, site.origin), status=422)

    assert site.rows(OWNERS) == []


def test_options_of_one_session_do_not_register_in_another_at_the_same_time(
    site: Site, newcomer: Visitor, dave: Person
) -> None:
    other = site.visitor()
    other.give_password(dave)
    options = newcomer.get(f"{PROVISION_KEY}/options").json

    other.send_registration(dave.key.create(options, site.origin), status=422)

    assert site.rows(OWNERS) == []


def test_a_challenge_that_was_stolen_is_not_spent_by_the_thief(
    site: Site, newcomer: Visitor, dave: Person, mallory: Person
) -> None:
    attacker = site.visitor()
    attacker.log_in(mallory)
    options = newcomer.get(f"{PROVISION_KEY}/options").json
    credential = dave.key.create(options, site.origin)
    before = site.value(SPENT)

    attacker.send_registration(credential, status=422)
    assert site.value(SPENT) == before

    newcomer.send_registration(credential)
    assert site.rows(OWNERS) == [("dave",), ("mallory",)]


def test_a_challenge_for_a_login_registers_nothing(
    site: Site, bob: Person, visitor: Visitor, pending: Visitor
) -> None:
    visitor.give_password(bob)
    visitor.give_key(bob)
    login = pending.get(f"{KEY}/options").json
    options = visitor.get(f"{PROVISION_KEY}/options").json | {"challenge": login["challenge"]}
    bob.key.credentials.clear()
    options["excludeCredentials"] = []

    visitor.send_registration(bob.key.create(options, site.origin), "Second", status=422)

    assert site.rows(OWNERS) == [("bob",)]


def test_a_challenge_for_a_registration_logs_nobody_in(
    site: Site, bob: Person, visitor: Visitor, pending: Visitor
) -> None:
    visitor.give_password(bob)
    visitor.give_key(bob)
    registration = visitor.get(f"{PROVISION_KEY}/options").json
    options = pending.get(f"{KEY}/options").json | {"challenge": registration["challenge"]}

    pending.send_assertion(bob.key.get(options, site.origin), status=422)

    pending.get("/manage/account/", status=303)


def test_a_challenge_of_one_login_does_not_complete_another(
    site: Site, bob: Person, visitor: Visitor, pending: Visitor
) -> None:
    options = pending.get(f"{KEY}/options").json
    visitor.give_password(bob)

    answer = visitor.send_assertion(bob.key.get(options, site.origin), status=422)

    assert answer.json["fail"]["reason"] == "rejected"
    visitor.get("/manage/account/", status=303)


def test_a_challenge_of_one_login_completes_it_in_whatever_tab(
    site: Site, bob: Person, pending: Visitor
) -> None:
    first = pending.get(f"{KEY}/options").json
    pending.get(f"{KEY}/options", status=200)

    pending.send_assertion(bob.key.get(first, site.origin))

    pending.get("/manage/account/", status=200)


def test_a_challenge_of_another_site_is_refused(
    site: Site, bob: Person, pending: Visitor, database_url: str
) -> None:
    other = Site(database_url, "https://test.pypi.example")
    try:
        jar = copy_cookies(pending, other.visitor())
        jar.give_password(bob)
        options = jar.get(f"{KEY}/options").json
    finally:
        other.close()
    ours = pending.get(f"{KEY}/options").json | {"challenge": options["challenge"]}

    pending.send_assertion(bob.key.get(ours, site.origin), status=422)

    pending.get("/manage/account/", status=303)


def test_an_answer_confirms_the_facts_that_it_was_asked_about_and_no_others(site: Site) -> None:
    audience = Audience(Purpose.CONFIRM, UUID(int=1), 0, b"act")
    with site.scope() as request:
        challenges: IChallengeService = request.find_service(IChallengeService)
        challenge = challenges.make(audience, b"a" * 32)

        with pytest.raises(ChallengeInvalid):
            challenges.spend(audience, challenge, b"b" * 32)

    assert site.value(SPENT) == 0
