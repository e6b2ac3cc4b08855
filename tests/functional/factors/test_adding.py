"""What it means to gain a second factor, whichever it is."""

import json
from dataclasses import replace

import pytest
from sqlalchemy import select

from tests.common.jars import copy_cookies
from tests.common.people import Person
from tests.common.site import Site
from tests.common.visitor import PROVISION_TOTP, TWO_FACTOR, Visitor
from warehouse_mfa.accounts.interfaces import AccountChanged, IUserService
from warehouse_mfa.authz import CredentialKind, Identity
from warehouse_mfa.factors.interfaces import IFactorChangeService
from warehouse_mfa.sessions.models import Session
from warehouse_mfa.totp import algorithm
from warehouse_mfa.totp.interfaces import ITOTPService
from warehouse_mfa.webauthn.interfaces import IWebAuthnService, Kind

MANAGE = "/manage/account/two-factor/"
CREDENTIALS = """
    SELECT 'totp', label FROM totp_applications
    UNION ALL SELECT 'webauthn', label FROM webauthn_credentials
"""
SESSIONS = "SELECT digest, security_epoch, factor FROM sessions ORDER BY id"


def add(visitor: Visitor, person: Person, factor: str) -> None:
    if factor == "totp":
        visitor.enroll_totp(person, "Spare")
    else:
        visitor.register_key(person, "Spare")


def is_inside(visitor: Visitor) -> bool:
    """Tell whether the jar holds a session, with or without a second factor."""
    return bool(visitor.get(MANAGE).status_int == 200)


@pytest.fixture(params=["totp", "webauthn"])
def factor(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def dave(user_without_factor: Person) -> Person:
    return user_without_factor


@pytest.fixture
def dave_here(site: Site, dave: Person) -> Visitor:
    visitor = site.visitor()
    visitor.give_password(dave)
    return visitor


def test_the_first_factor_opens_the_account(
    site: Site, dave: Person, dave_here: Visitor, factor: str
) -> None:
    dave_here.get("/manage/account/", status=303)

    add(dave_here, dave, factor)

    dave_here.get("/manage/account/", status=200)
    assert site.rows("SELECT factor FROM sessions") == [(factor,)]


def test_a_new_factor_is_told_by_mail_to_the_verified_address(
    site: Site, dave: Person, dave_here: Visitor, factor: str
) -> None:
    dave_here.extra_environ["HTTP_USER_AGENT"] = "<b>Browser</b>/7"

    add(dave_here, dave, factor)

    (mail,) = site.mails()
    assert mail.to == "dave@example.org"
    assert "Spare" in mail.text
    assert "192.0.2.1" in mail.text
    assert "<b>Browser" not in mail.html


def test_a_new_factor_is_one_event_without_a_secret(
    site: Site, dave: Person, dave_here: Visitor, factor: str
) -> None:
    before = len(site.tags())

    add(dave_here, dave, factor)

    rows = site.rows("SELECT tag, factor, CAST(facts AS TEXT) FROM events ORDER BY id")[before:]
    ((tag, proved, facts),) = rows
    assert (
        tag == {"totp": "account:totp:enrolled", "webauthn": "account:webauthn:registered"}[factor]
    )
    assert proved == factor
    assert "Spare" in facts
    assert not any(secret in facts for secret in dave.codes)


def test_a_new_factor_gives_this_session_another_id(
    site: Site, dave: Person, dave_here: Visitor, factor: str
) -> None:
    old = copy_cookies(dave_here, site.visitor())

    add(dave_here, dave, factor)

    assert dave_here.cookie("session") != old.cookie("session")
    assert is_inside(dave_here)
    assert not is_inside(old)


def test_a_new_factor_ends_the_other_sessions(
    site: Site, dave: Person, dave_here: Visitor, factor: str
) -> None:
    other = site.visitor()
    other.give_password(dave)
    assert is_inside(other)

    add(dave_here, dave, factor)

    assert not is_inside(other)
    assert is_inside(dave_here)


def test_a_second_factor_ends_full_sessions_too(site: Site, mallory: Person, factor: str) -> None:
    here, other = site.visitor(), site.visitor()
    here.log_in(mallory)
    site.clock.advance(seconds=60)
    other.log_in(mallory)
    site.clock.advance(seconds=60)
    if factor == "webauthn":
        mallory.key.credentials.clear()

    add(here, mallory, factor)

    assert not is_inside(other)
    here.get("/manage/account/", status=200)


def test_a_new_factor_keeps_the_forms_of_open_tabs_valid(
    dave: Person, dave_here: Visitor, factor: str
) -> None:
    form = dave_here.form("/account/logout/", "logout-form")

    add(dave_here, dave, factor)

    form.submit(status=303)
    assert not is_inside(dave_here)


def test_a_new_factor_ends_logins_that_wait_for_another(
    site: Site, mallory: Person, factor: str
) -> None:
    here, waiting = site.visitor(), site.visitor()
    here.log_in(mallory)
    site.clock.advance(seconds=60)
    waiting.give_password(mallory)
    token = waiting.csrf_token(TWO_FACTOR)
    if factor == "webauthn":
        mallory.key.credentials.clear()

    add(here, mallory, factor)

    site.clock.advance(seconds=60)
    fields = {"totp_value": mallory.code(), "csrf_token": token}
    waiting.post(TWO_FACTOR, fields, status=303)
    assert not is_inside(waiting)


def test_a_new_factor_ends_ceremonies_that_were_begun_before(
    site: Site, dave: Person, dave_here: Visitor
) -> None:
    options = dave_here.get("/manage/account/webauthn-provision/options").json
    dave_here.enroll_totp(dave)

    credential = dave.key.create(options, dave_here.origin)
    dave_here.send_registration(credential, status=422)

    assert site.rows(CREDENTIALS) == [("totp", "Phone")]
    dave_here.get("/manage/account/", status=200)


# The account changed meanwhile


def identity_of(site: Site, person: Person) -> Identity:
    """Return the identity that a request of the person's only session would have."""
    assert person.user_id is not None
    with site.scope() as request:
        account = request.find_service(IUserService).account(person.user_id)
        ((session_id, family_id),) = request.db.execute(select(Session.id, Session.family_id))
    return Identity(
        credential=CredentialKind.SESSION,
        user_id=person.user_id,
        username=person.username,
        security_epoch=account.security_epoch,
        is_verified=True,
        factor=None,
        session_id=session_id,
        family_id=family_id,
    )


def complete(site: Site, identity: Identity) -> None:
    secret = b"s" * 20
    code = algorithm.code_of(secret, algorithm.step_at(site.clock.now()))
    with site.scope() as request:
        request.find_service(ITOTPService).complete_enrollment(
            identity, secret, label="Spare", code=code
        )


@pytest.mark.usefixtures("dave_here")
def test_a_factor_for_an_account_that_changed_meanwhile_changes_nothing(
    site: Site, dave: Person
) -> None:
    identity = identity_of(site, dave)
    site.change("UPDATE users SET security_epoch = security_epoch + 1")
    events, sessions = site.tags(), site.rows(SESSIONS)

    with pytest.raises(AccountChanged):
        complete(site, identity)

    assert site.rows(CREDENTIALS) == []
    assert site.tags() == events
    assert site.rows(SESSIONS) == sessions
    assert site.mails() == []
    assert site.value("SELECT security_epoch FROM users") == identity.security_epoch + 1


@pytest.mark.usefixtures("dave_here")
def test_a_factor_in_a_session_that_ended_meanwhile_changes_nothing(
    site: Site, dave: Person
) -> None:
    identity = identity_of(site, dave)
    site.change("DELETE FROM sessions")
    events = site.tags()

    with pytest.raises(AccountChanged):
        complete(site, identity)

    assert site.rows(CREDENTIALS) == []
    assert site.tags() == events
    assert site.value("SELECT security_epoch FROM users") == identity.security_epoch


@pytest.mark.usefixtures("dave_here")
def test_a_challenge_stays_spent_when_the_registration_is_undone(site: Site, dave: Person) -> None:
    identity = identity_of(site, dave)
    with site.scope() as request:
        options = request.find_service(IWebAuthnService).begin_registration(identity, Kind.KEY)
    credential = json.dumps(dave.key.create(options, site.origin))
    site.change("DELETE FROM sessions")

    with pytest.raises(AccountChanged), site.scope() as request:
        request.find_service(IWebAuthnService).complete_registration(
            identity, Kind.KEY, credential, label="Spare"
        )

    assert site.rows(CREDENTIALS) == []
    assert site.value("SELECT count(*) FROM spent_challenges") == 1


@pytest.mark.usefixtures("dave_here")
def test_a_factor_without_a_session_is_refused(site: Site, dave: Person) -> None:
    identity = replace(identity_of(site, dave), session_id=None)

    with pytest.raises(AccountChanged), site.scope() as request:
        request.find_service(IFactorChangeService).added(identity, "totp")

    assert site.value("SELECT security_epoch FROM users") == identity.security_epoch


def test_a_form_of_a_session_that_ended_meanwhile_is_refused(
    site: Site, dave: Person, dave_here: Visitor
) -> None:
    form = dave_here.form(PROVISION_TOTP, "totp-provision-form")
    other = site.visitor()
    other.give_password(dave)
    other.enroll_totp(dave)
    events = site.tags()

    form["totp_value"] = dave.wrong_code()
    answer = form.submit(expect_errors=True)

    assert answer.status_int in (303, 400)
    assert site.rows(CREDENTIALS) == [("totp", "Phone")]
    assert site.tags() == events
