"""What an authenticator app may be called."""

from html import escape

import pytest

from tests.common.enrolling import begin, code_of, send
from tests.common.site import Site
from tests.common.visitor import PROVISION_TOTP, Visitor

pytestmark = pytest.mark.attack("P-069")

LABELS = "SELECT label FROM totp_applications ORDER BY id"
SHOWN = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "{{ 7 * 7 }} %(username)s {0} ${x}",
    "& &amp; &#60;",
    "\U0001f4f1 phone \U0001f468\u200d\U0001f469\u200d\U0001f467",
    "\u05d8\u05dc\u05e4\u05d5\u05df",
    "x" * 64,
    "\U0001f511" * 64,
]
REFUSED = {
    "empty": "",
    "blank": "   ",
    "65 characters": "x" * 65,
    "8000 characters": "x" * 8_000,
    "line break": "one\r\ntwo",
    "line feed": "one\ntwo",
    "mail header": "one\r\nBcc: evil@example.org",
    "tab": "one\ttwo",
    "escape": "\x1b[31mred",
    "delete": "one\x7ftwo",
    "C1 control": "one\x9btwo",
    "right-to-left override": "one\u202etwo",
    "isolate": "one\u2066two",
    "line separator": "one\u2028two",
    "byte order mark": "one\ufefftwo",
}


@pytest.mark.parametrize("label", SHOWN)
def test_a_name_is_shown_as_it_was_typed_and_does_nothing_else(
    site: Site, newcomer: Visitor, label: str
) -> None:
    secret = begin(newcomer)

    page = send(newcomer, code_of(secret, site.clock), label).follow(status=200)

    assert page.html.select_one(".factor-totp .credential-label").text == label
    assert str(escape(label, quote=False)) in page.text.replace("&#34;", '"').replace("&#39;", "'")
    assert not page.html.select("img[onerror], script:not([src]), [onmouseover]")
    assert site.rows(LABELS) == [(label,)]


@pytest.mark.parametrize("label", SHOWN)
def test_a_name_stands_in_the_mail_as_it_was_typed(
    site: Site, newcomer: Visitor, label: str
) -> None:
    send(newcomer, code_of(begin(newcomer), site.clock), label)

    (mail,) = site.mails(to="dave@example.org")
    assert label in mail.text
    assert "<script" not in mail.html
    assert "<img" not in mail.html
    assert label not in mail.subject


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
