"""What an authenticator app may be called."""

import pytest

from tests.common.enrolling import begin, code_of, send
from tests.common.labels import REFUSED, SHOWN, assert_shown, assert_told
from tests.common.site import Site
from tests.common.visitor import PROVISION_TOTP, Visitor

pytestmark = pytest.mark.attack("P-069")

LABELS = "SELECT label FROM totp_applications ORDER BY id"


@pytest.mark.parametrize("label", SHOWN)
def test_a_name_is_shown_as_it_was_typed_and_does_nothing_else(
    site: Site, newcomer: Visitor, label: str
) -> None:
    secret = begin(newcomer)

    send(newcomer, code_of(secret, site.clock), label)

    page = newcomer.get("/manage/account/two-factor/", status=200)
    assert_shown(page, "totp", label)
    assert site.rows(LABELS) == [(label,)]


@pytest.mark.parametrize("label", SHOWN)
def test_a_name_stands_in_the_mail_as_it_was_typed(
    site: Site, newcomer: Visitor, label: str
) -> None:
    send(newcomer, code_of(begin(newcomer), site.clock), label)

    (mail,) = site.mails(to="dave@example.org")
    assert_told(mail, label)


@pytest.mark.parametrize("label", REFUSED.values(), ids=REFUSED.keys())
def test_a_name_that_cannot_be_shown_is_refused(site: Site, newcomer: Visitor, label: str) -> None:
    secret = begin(newcomer)

    page = send(newcomer, code_of(secret, site.clock), label, status=422)

    assert page.html.select_one('.error-summary a[href="#label"]')
    assert site.rows(LABELS) == []
    assert begin(newcomer) == secret


def test_a_name_with_nul_is_refused(site: Site, newcomer: Visitor) -> None:
    send(newcomer, code_of(begin(newcomer), site.clock), "one\0two", status=400)

    assert site.rows(LABELS) == []


@pytest.mark.parametrize("encoded", ["%FF", "%ED%A0%80", "%C0%AF", "one%00two"])
def test_a_name_that_is_no_text_is_refused(site: Site, newcomer: Visitor, encoded: str) -> None:
    code = code_of(begin(newcomer), site.clock)
    token = newcomer.csrf_token(PROVISION_TOTP)

    body = f"csrf_token={token}&totp_value={code}&label={encoded}"
    newcomer.post(PROVISION_TOTP, body, status=400)

    assert site.rows(LABELS) == []


def test_blanks_around_a_name_are_dropped(site: Site, newcomer: Visitor) -> None:
    send(newcomer, code_of(begin(newcomer), site.clock), "  Phone  ")

    assert site.rows(LABELS) == [("Phone",)]


@pytest.mark.parametrize("label", ["Phone", "phone", "PHONE", " Phone ", "pHoNe"])
def test_a_name_that_another_app_has_is_refused(site: Site, alice: Visitor, label: str) -> None:
    page = send(alice, code_of(begin(alice), site.clock), label, status=422)

    assert "You have another app with this name." in page
    assert site.rows(LABELS) == [("Phone",)]


def test_the_case_of_a_name_is_that_of_unicode(site: Site, newcomer: Visitor) -> None:
    send(newcomer, code_of(begin(newcomer), site.clock), "Stra\u00dfe")

    send(newcomer, code_of(begin(newcomer), site.clock), "STRASSE", status=422)

    assert site.rows(LABELS) == [("Stra\u00dfe",)]


def test_a_refused_name_leaves_the_session_as_it_was(site: Site, alice: Visitor) -> None:
    before, cookie = site.tags(), alice.cookie("session")

    send(alice, code_of(begin(alice), site.clock), "Phone", status=422)

    assert alice.cookie("session") == cookie
    assert site.tags() == before
    alice.get("/manage/account/", status=200)


def test_a_name_of_somebody_else_is_free(site: Site, alice: Visitor, newcomer: Visitor) -> None:
    send(newcomer, code_of(begin(newcomer), site.clock), "Phone")

    assert site.rows(LABELS) == [("Phone",), ("Phone",)]
