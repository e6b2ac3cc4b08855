"""Confirming an act: what was shown is what is signed, by whoever asked, in time, once."""

import hashlib
import json
from uuid import UUID

import pytest

from tests.common.people import Person
from tests.common.site import Site
from tests.common.visitor import REAUTHENTICATE, Visitor
from warehouse_mfa.evidence.interfaces import Evidence, IEvidenceService
from warehouse_mfa.webauthn import challenge as challenges
from warehouse_mfa.webauthn.ceremony import challenge_of

GONE = "cannot be confirmed any more"


@pytest.fixture
def bob(visitor: Visitor, user_with_key: Person) -> Person:
    """Somebody with a key, logged in."""
    visitor.log_in(user_with_key)
    return user_with_key


@pytest.fixture
def asked(visitor: Visitor, bob: Person) -> str:
    """The path where the deletion of Bob's account is confirmed."""
    return visitor.ask_to_delete(bob)


def evidence(site: Site) -> Evidence:
    event_id = site.value("SELECT event_id FROM evidence")
    with site.scope() as request:
        found = request.find_service(IEvidenceService).of(UUID(str(event_id)))
    assert found is not None
    return found


def people(site: Site) -> object:
    return site.value("SELECT count(*) FROM users")


def test_a_key_signs_exactly_the_facts_that_were_shown(
    site: Site, visitor: Visitor, bob: Person, asked: str
) -> None:
    shown = visitor.get(asked, status=200).html.find(id="facts").text

    options = visitor.get(f"{asked}options", status=200).json
    credential = bob.key.get(options, visitor.origin)
    visitor.post_form(f"{asked}validate", {"credential": json.dumps(credential)}, status=200)

    kept = evidence(site)
    digest = challenges.BODY.unpack(challenge_of(credential)[: challenges.BODY.size])[-1]
    assert kept.facts == shown.encode()
    assert digest == hashlib.sha256(kept.facts).digest()


def test_the_facts_name_act_target_actor_site_and_time(
    site: Site, visitor: Visitor, bob: Person, asked: str
) -> None:
    facts = json.loads(visitor.get(asked, status=200).html.find(id="facts").text)

    assert facts.pop("nonce")
    assert facts == {
        "version": 1,
        "site": site.origin,
        "action": "account:delete",
        "target": {"account": "bob", "account_id": str(bob.user_id)},
        "actor": {"id": str(bob.user_id), "username": "bob"},
        "time": site.clock.now().isoformat(),
    }


def test_the_evidence_outlives_the_account_with_key_and_signature(
    site: Site, visitor: Visitor, bob: Person, asked: str
) -> None:
    public_key = bytes(site.value("SELECT public_key FROM webauthn_credentials"))

    visitor.confirm(asked, bob, status=200)

    kept = evidence(site)
    assert people(site) == 0
    assert (kept.factor, kept.origin) == ("webauthn", site.origin)
    assert kept.signed is not None
    assert kept.signed.public_key == public_key
    assert site.value("SELECT tag FROM events WHERE id = (SELECT event_id FROM evidence)") == (
        "account:deleted"
    )


def test_a_code_is_weaker_evidence(site: Site, visitor: Visitor, user_with_totp: Person) -> None:
    visitor.log_in(user_with_totp)
    path = visitor.ask_to_delete(user_with_totp)
    site.clock.advance(seconds=60)

    form = visitor.form(path, "totp-auth-form")
    form["totp_value"] = user_with_totp.code()
    form.submit(status=303)

    assert (evidence(site).factor, evidence(site).signed) == ("totp", None)


def test_a_code_does_not_confirm_where_there_is_a_key(site: Site, visitor: Visitor) -> None:
    carol = site.person("carol", totp=True, key=True)
    visitor.give_password(carol)
    visitor.give_key(carol)
    path = visitor.ask_to_delete(carol)

    visitor.get(f"{path}?factor=two-factor", status=404)
    visitor.post_form(f"{path}?factor=two-factor", {"totp_value": carol.code()}, status=404)

    assert people(site) == 1


def test_proving_presence_confirms_nothing(
    site: Site, visitor: Visitor, bob: Person, asked: str
) -> None:
    options = visitor.get(f"{REAUTHENTICATE}options", status=200).json
    credential = json.dumps(bob.key.get(options, visitor.origin))

    visitor.post_form(f"{asked}validate", {"credential": credential}, status=422)

    assert people(site) == 1


def test_confirming_proves_no_presence(visitor: Visitor, bob: Person, asked: str) -> None:
    options = visitor.get(f"{asked}options", status=200).json
    credential = json.dumps(bob.key.get(options, visitor.origin))

    visitor.post_form(f"{REAUTHENTICATE}validate", {"credential": credential}, status=422)


def test_the_answer_to_one_act_confirms_no_other(
    site: Site, visitor: Visitor, bob: Person, asked: str
) -> None:
    other = visitor.ask_to_delete(bob)
    options = visitor.get(f"{asked}options", status=200).json
    credential = json.dumps(bob.key.get(options, visitor.origin))

    visitor.post_form(f"{other}validate", {"credential": credential}, status=422)

    assert people(site) == 1


def test_another_session_of_the_same_person_confirms_nothing(
    site: Site, bob: Person, asked: str
) -> None:
    other = site.visitor()
    other.log_in(bob)

    assert GONE in other.get(asked, status=410).text


def test_an_act_of_somebody_else_is_not_there(site: Site, mallory: Person, asked: str) -> None:
    other = site.visitor()
    other.log_in(mallory)

    other.get(asked, status=404)


def test_after_five_minutes_it_must_be_asked_for_again(
    site: Site, visitor: Visitor, bob: Person, asked: str
) -> None:
    options = visitor.get(f"{asked}options", status=200).json
    credential = json.dumps(bob.key.get(options, visitor.origin))
    site.clock.advance(minutes=5)

    answer = visitor.post_form(f"{asked}validate", {"credential": credential}, status=410)

    assert answer.json["fail"]["reason"] == "act-gone"
    assert people(site) == 1


def test_what_is_not_any_more_what_was_shown_is_not_done(
    site: Site, visitor: Visitor, bob: Person, asked: str
) -> None:
    options = visitor.get(f"{asked}options", status=200).json
    credential = json.dumps(bob.key.get(options, visitor.origin))
    site.change("UPDATE users SET username = 'bobby'")

    answer = visitor.post_form(f"{asked}validate", {"credential": credential}, status=410)

    assert answer.json["fail"]["reason"] == "act-changed"
    assert "Something changed meanwhile" in visitor.get(asked, status=410).text
    assert people(site) == 1


def test_a_wrong_answer_counts_and_is_recorded(
    site: Site, visitor: Visitor, user_with_totp: Person
) -> None:
    visitor.log_in(user_with_totp)
    path = visitor.ask_to_delete(user_with_totp)
    before = site.tags()

    for _ in range(5):
        fields = {"totp_value": user_with_totp.wrong_code()}
        visitor.post_form(path, fields, status=422)
    visitor.post_form(path, {"totp_value": user_with_totp.code()}, status=429)

    assert site.tags()[len(before) :] == ["account:factor:failed"] * 5 + ["account:factor:limited"]
    assert people(site) == 1


def test_a_session_that_has_become_less_meanwhile_confirms_nothing(
    site: Site, visitor: Visitor, asked: str
) -> None:
    site.change("UPDATE sessions SET is_reduced = true")

    page = visitor.get(asked, status=403)

    assert "This has to wait" in page.text
