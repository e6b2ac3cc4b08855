"""The last factor that resists phishing is removed with a confirmation only."""

import json
from urllib.parse import urlsplit
from uuid import UUID

import pytest

from tests.common.people import Person
from tests.common.site import Site
from tests.common.visitor import PROVISION_KEY, Visitor
from warehouse_mfa.audit.interfaces import IEvidenceAudit

FACTORS = "/manage/account/two-factor/"


@pytest.fixture
def carol(site: Site, visitor: Visitor) -> Person:
    """Carol, with an app and a key, logged in with the key."""
    carol = site.person("carol", totp=True, key=True)
    visitor.give_password(carol)
    visitor.give_key(carol)
    return carol


def removal(site: Site, label: str = "Key") -> str:
    id_ = site.value("SELECT id FROM webauthn_credentials WHERE label = :label", label=label)
    return f"{PROVISION_KEY}/{UUID(str(id_))}/delete"


def remove(visitor: Visitor, path: str) -> str:
    """Press the button of the page that removes; return where it leads."""
    answer = visitor.form(path, "factor-remove-form").submit(status=303)
    return urlsplit(answer.location).path


def labels(site: Site) -> list[str]:
    return [row[0] for row in site.rows("SELECT label FROM webauthn_credentials ORDER BY id")]


def test_the_last_key_is_removed_when_a_key_has_confirmed_it(
    site: Site, visitor: Visitor, carol: Person
) -> None:
    asked = remove(visitor, removal(site))
    assert labels(site) == ["Key"]

    page = visitor.get(asked, status=200)
    answer = visitor.confirm(asked, carol, status=200)

    assert "Remove Key, your last protection from phishing" in page.html.h1.text
    assert answer.json["redirect_to"] == FACTORS
    assert labels(site) == []
    assert site.tags()[-1] == "account:factor:removed"
    with site.scope() as request:
        (verdict,) = request.find_service(IEvidenceAudit).verdicts()
    assert verdict.failures == ()
    assert json.loads(verdict.evidence.facts)["target"]["label"] == "Key"
    visitor.get(asked, status=410)


def test_a_key_beside_another_one_is_removed_at_once(
    site: Site, visitor: Visitor, carol: Person
) -> None:
    visitor.register_key(Person("carol", clock=site.clock), "Spare")

    assert remove(visitor, removal(site)) == FACTORS

    assert labels(site) == ["Spare"]
    assert site.value("SELECT count(*) FROM evidence") == 0


def test_beside_a_suspended_one_it_is_the_last(site: Site, visitor: Visitor, carol: Person) -> None:
    visitor.register_key(Person("carol", clock=site.clock), "Spare")
    site.change("UPDATE webauthn_credentials SET suspended_at = created_at WHERE label = 'Spare'")

    assert remove(visitor, removal(site)).startswith("/account/confirm/")
    assert remove(visitor, removal(site, "Spare")) == FACTORS

    assert labels(site) == ["Key"]


def test_a_session_of_a_code_does_not_take_the_key_away(
    site: Site, visitor: Visitor, carol: Person
) -> None:
    """Whoever phished a code could make the account one that codes alone protect."""
    thief = site.visitor()
    thief.log_in(carol)

    page = thief.form(removal(site), "factor-remove-form").submit(status=403)

    assert "less than your strongest second factor" in page.text
    assert labels(site) == ["Key"]
    assert site.value("SELECT count(*) FROM asked_acts") == 0


def test_a_lost_key_goes_once_its_replacement_is_there(
    site: Site, visitor: Visitor, carol: Person
) -> None:
    here = site.visitor()
    here.log_in(carol)
    here.register_key(Person("carol", clock=site.clock), "Replacement")

    assert remove(here, removal(site)) == FACTORS

    assert labels(site) == ["Replacement"]


def test_another_name_for_it_must_be_shown_before_it_is_confirmed(
    site: Site, visitor: Visitor, carol: Person
) -> None:
    asked = remove(visitor, removal(site))
    form = visitor.form(removal(site).replace("delete", "rename"), "factor-rename-form")
    form["label"] = "Blue key"
    form.submit(status=303)

    visitor.get(asked, status=410)

    assert labels(site) == ["Blue key"]


def test_the_last_factor_of_all_stays_and_nothing_is_asked(
    site: Site, visitor: Visitor, user_with_key: Person
) -> None:
    visitor.log_in(user_with_key)

    assert remove(visitor, removal(site)) == removal(site)

    assert labels(site) == ["Key"]
    assert site.value("SELECT count(*) FROM asked_acts") == 0
