"""Every change of security state leaves exactly one event, and says nothing secret in it."""

import json

import pytest

from tests.common.people import Person
from tests.common.routes import doors
from tests.common.site import Site
from tests.common.submissions import SUBMISSIONS
from tests.common.visitor import Visitor
from tests.common.walk import walk

# Only what changes the state of security counts: a mail that is sent again, a secret that was not
# enrolled yet, and a page without script change none.
EVENTS = {
    "register": ["account:registered"],
    "give the password": ["account:password:accepted"],
    "give a passkey": ["account:login:completed"],
    "log out": ["account:logout"],
    "verify an address": ["account:email:verified"],
    "disown an address": ["account:email:disowned"],
    "say that it was not me": ["account:not-me:said"],
    "say that all is in order": ["account:not-me:lifted"],
    "give another address": ["account:email:claimed"],
    "have the mail sent again": [],
    "approve a login": ["account:login:approved"],
    "refuse a login": ["account:login:disowned"],
    "go on after an approval": ["account:login:completed"],
    "have the approval mailed again": [],
    "choose a language": [],
    "give a code": ["account:login:completed"],
    "give a code by script": ["account:login:completed"],
    "give an assertion without script": ["account:login:completed"],
    "give an assertion": ["account:login:completed"],
    # Two things happen at once: a code is used up, and a session starts.
    "give a recovery code": ["account:recovery-code:redeemed", "account:login:completed"],
    "give a recovery code by script": ["account:recovery-code:redeemed", "account:login:completed"],
    # A task decides whether there is anybody to mail a link to, and records that.
    "ask for a reset link": [],
    "ask for help": [],
    "show the mailbox of who asks for help": ["account:help:asked"],
    "reset the password": ["account:password:reset"],
    "reset the password by script": ["account:password:reset"],
    "step up": ["account:step-up:completed"],
    "step up by script": ["account:step-up:completed"],
    "ask for the deletion of the account": [],
    "confirm an act": ["account:deleted"],
    "confirm an act by script": ["account:deleted"],
    "add an address": ["account:email:claimed"],
    "have the mail to it sent again": [],
    "make an address primary": ["account:email:primary-changed"],
    "remove an address": ["account:email:removed"],
    "end a session": ["account:session:ended"],
    "end all other sessions": ["account:session:others-ended"],
    "have a browser forgotten": ["account:device:forgotten"],
    "change the profile": [],
    "download what is kept": ["account:exported"],
    "mark notices as read": [],
    "change the password": ["account:password:changed"],
    "enroll an app": ["account:totp:enrolled"],
    "have another secret": [],
    "register a key without script": [],
    "register a key": ["account:webauthn:registered"],
    "rename an app": ["account:factor:renamed"],
    "remove an app": ["account:factor:removed"],
    "decline a passkey": [],
    "make recovery codes": ["account:recovery-codes:generated"],
    "make other recovery codes": ["account:recovery-codes:generated"],
    "show that a recovery code is kept": ["account:recovery-codes:proved"],
}
WRONG_CODE = "0000-0000-0000-0000-0000-0000"
NEEDS_SCRIPT = "register a key without script"


def test_every_door_that_takes_a_form_is_walked_through() -> None:
    """A new POST route fails here until it has a submission, and with it an event or none."""
    assert {form.path for form in SUBMISSIONS.values()} == {
        door.path for door in doors(method="POST")
    }
    assert set(EVENTS) == set(SUBMISSIONS)


@pytest.mark.attack("P-105")
@pytest.mark.parametrize("what", SUBMISSIONS)
def test_an_accepted_form_records_exactly_its_event(site: Site, what: str) -> None:
    submission = SUBMISSIONS[what](site)
    before = site.tags()

    response = submission.send()

    assert (response.status_int < 400) is (what != NEEDS_SCRIPT), response
    assert site.tags()[len(before) :] == EVENTS[what]


@pytest.mark.attack("P-105")
@pytest.mark.parametrize(
    ("what", "field", "value", "tag"),
    [
        ("give the password", "password", "a wrong password", "account:password:failed"),
        ("give the password", "username", "nobody", "account:password:failed"),
        ("give a passkey", "credential", "{}", "account:factor:failed"),
        ("give a code", "totp_value", "000000", "account:factor:failed"),
        ("give a code by script", "totp_value", "000000", "account:factor:failed"),
        ("give an assertion", "credential", "{}", "account:factor:failed"),
        ("give an assertion without script", "credential", "{}", "account:factor:failed"),
        ("give a recovery code", "recovery_code_value", WRONG_CODE, "account:factor:failed"),
        (
            "give a recovery code by script",
            "recovery_code_value",
            WRONG_CODE,
            "account:factor:failed",
        ),
        ("reset the password", "totp_value", "000000", "account:factor:failed"),
        ("reset the password by script", "credential", "{}", "account:factor:failed"),
        ("step up", "totp_value", "000000", "account:factor:failed"),
        ("step up by script", "credential", "{}", "account:factor:failed"),
        ("change the password", "password", "a wrong password", "account:password:failed"),
    ],
)
def test_a_refused_attempt_records_exactly_its_event(
    site: Site, what: str, field: str, value: str, tag: str
) -> None:
    submission = SUBMISSIONS[what](site)
    before = site.tags()

    response = submission.send(**{field: value})

    assert response.status_int == 422
    assert site.tags()[len(before) :] == [tag]


def test_a_refused_assertion_records_exactly_its_event(
    site: Site, visitor: Visitor, user_with_key: Person
) -> None:
    visitor.give_password(user_with_key)
    before = site.tags()

    visitor.give_key(user_with_key, status=422, user_present=False)

    assert site.tags()[len(before) :] == ["account:factor:failed"]


def test_a_reset_link_that_is_mailed_is_one_event(site: Site) -> None:
    SUBMISSIONS["ask for a reset link"](site).send(303)
    before = site.tags()

    site.run_task("login.reset")
    site.run_task("login.reset")

    assert site.tags()[len(before) :] == ["account:password:reset-asked"]


def test_a_reset_link_that_nobody_gets_is_no_event(site: Site) -> None:
    SUBMISSIONS["ask for a reset link"](site).send(303, username_or_email="nobody")
    before = site.tags()

    site.run_task("login.reset")

    assert site.tags() == before


def test_a_form_that_was_filled_in_wrongly_is_no_event(site: Site) -> None:
    submission = SUBMISSIONS["register"](site)
    before = site.tags()

    submission.send(password_confirm="something else")

    assert site.tags() == before


def test_an_event_says_who_did_what_in_which_session_with_which_factor(
    site: Site, visitor: Visitor, user_with_totp: Person
) -> None:
    visitor.log_in(user_with_totp)

    (row,) = site.rows(
        "SELECT e.subject_id = e.actor_id, e.session_id = s.id, e.factor, e.facts"
        " FROM events e JOIN sessions s ON s.user_id = e.subject_id"
        " WHERE e.tag = 'account:login:completed'"
        " AND s.id = (SELECT id FROM sessions ORDER BY created_at DESC LIMIT 1)"
    )
    facts = row[3] if isinstance(row[3], dict) else json.loads(row[3])
    assert [bool(row[0]), bool(row[1]), row[2]] == [True, True, "totp"]
    assert facts == {"credential": "Phone", "is_known_device": False}


def test_personal_fields_stand_apart_each_with_a_salt_of_its_own(
    site: Site, user_without_factor: Person
) -> None:
    visitor = site.visitor(address="198.51.100.9", agent="Hand/1.0 \x00")

    visitor.give_password(user_without_factor)
    visitor.form("/account/logout/", "logout-form").submit()

    rows = site.rows(
        "SELECT p.field, p.value, p.salt FROM event_private p JOIN events e ON e.id = p.event_id"
        " WHERE e.tag IN ('account:password:accepted', 'account:logout')"
    )
    assert sorted((field, value) for field, value, _ in rows) == [
        ("address", "198.51.100.9"),
        ("address", "198.51.100.9"),
        ("agent", "Hand/1.0 "),
        ("agent", "Hand/1.0 "),
    ]
    salts = {bytes(salt) for _, _, salt in rows}
    assert len(salts) == 4
    assert {len(salt) for salt in salts} == {16}


def test_a_personal_field_is_cut_not_refused(site: Site, user_without_factor: Person) -> None:
    visitor = site.visitor(agent="A" * 10_000)

    visitor.give_password(user_without_factor)

    assert site.value("SELECT max(length(value)) FROM event_private WHERE field = 'agent'") == 512


def test_no_event_holds_a_secret(site: Site, visitor: Visitor) -> None:
    secrets = walk(site, visitor)

    trail = repr(
        site.rows("SELECT facts FROM events") + site.rows("SELECT value FROM event_private")
    )
    assert [secret for secret in secrets if secret in trail] == []
