"""What a security key may be called."""

import pytest

from tests.common.authenticator import SoftwareAuthenticator
from tests.common.labels import REFUSED, SHOWN, assert_shown, assert_told
from tests.common.people import Person
from tests.common.site import Site
from tests.common.visitor import PROVISION_KEY, Visitor

pytestmark = pytest.mark.attack("P-069")

LABELS = "SELECT label FROM webauthn_credentials ORDER BY id"


@pytest.mark.parametrize("label", SHOWN)
def test_a_name_is_shown_as_it_was_typed_and_does_nothing_else(
    site: Site, newcomer: Visitor, dave: Person, label: str
) -> None:
    answer = newcomer.register_key(dave, label)

    page = newcomer.get("/manage/account/two-factor/", status=200)
    assert answer.content_type == "application/json"
    assert_shown(page, "webauthn", label)
    assert site.rows(LABELS) == [(label,)]


@pytest.mark.parametrize("label", SHOWN)
def test_a_name_stands_in_the_mail_as_it_was_typed(
    site: Site, newcomer: Visitor, dave: Person, label: str
) -> None:
    newcomer.register_key(dave, label)

    (mail,) = site.mails(to="dave@example.org")
    assert_told(mail, label)


@pytest.mark.parametrize("label", REFUSED.values(), ids=REFUSED.keys())
def test_a_name_that_cannot_be_shown_is_refused(
    site: Site, newcomer: Visitor, dave: Person, label: str
) -> None:
    answer = newcomer.register_key(dave, label, status=422)

    assert answer.json["fail"]["reason"] == "form"
    assert "name" in answer.json["fail"]["errors"][0]
    assert site.rows(LABELS) == []


def test_a_refused_name_leaves_the_challenge_for_the_next_try(
    site: Site, newcomer: Visitor, dave: Person
) -> None:
    options = newcomer.get(f"{PROVISION_KEY}/options").json
    credential = dave.key.create(options, site.origin)
    newcomer.send_registration(credential, "", status=422)

    newcomer.send_registration(credential, "Blue")

    assert site.rows(LABELS) == [("Blue",)]


def test_a_name_with_nul_is_refused(site: Site, newcomer: Visitor, dave: Person) -> None:
    answer = newcomer.register_key(dave, "one\0two", status=400)

    assert answer.json["fail"]["reason"] == "nul"
    assert site.rows(LABELS) == []


def test_a_missing_name_is_refused(site: Site, newcomer: Visitor) -> None:
    token = newcomer.csrf_token(PROVISION_KEY)

    answer = newcomer.post(
        f"{PROVISION_KEY}/validate", {"credential": "{}", "csrf_token": token}, status=422
    )

    assert answer.json["fail"]["reason"] == "form"


@pytest.mark.parametrize("label", ["Blue", "blue", "BLUE", " Blue ", "bLuE"])
def test_a_name_that_another_key_has_is_refused(
    site: Site, newcomer: Visitor, dave: Person, label: str
) -> None:
    newcomer.register_key(dave, "Blue")
    events, mails = site.tags(), site.mails()
    dave.key = SoftwareAuthenticator()

    answer = newcomer.register_key(dave, label, status=422)

    assert answer.json["fail"]["reason"] == "label-taken"
    assert site.rows(LABELS) == [("Blue",)]
    assert (site.tags(), site.mails()) == (events, mails)
    newcomer.get("/manage/account/", status=200)


def test_a_name_of_somebody_else_is_free(
    site: Site, newcomer: Visitor, dave: Person, bob: Person
) -> None:
    newcomer.register_key(dave, "Key")

    assert site.rows(LABELS) == [("Key",), ("Key",)]


def test_the_first_key_has_a_name_that_may_stay_and_the_next_wants_one(
    newcomer: Visitor, dave: Person
) -> None:
    first = newcomer.form(PROVISION_KEY, "webauthn-provision-form")["label"].value
    newcomer.register_key(dave, first)

    second = newcomer.form(PROVISION_KEY, "webauthn-provision-form")["label"].value

    assert (first, second) == ("My security key", "")


def test_the_form_without_script_says_what_is_needed_and_escapes(
    site: Site, newcomer: Visitor
) -> None:
    label = '"><script>alert(1)</script>'

    page = newcomer.post(
        PROVISION_KEY,
        {"label": label, "csrf_token": newcomer.csrf_token(PROVISION_KEY)},
        status=422,
    )

    assert "JavaScript" in page.html.select_one(".error-summary").text
    assert page.html.select_one("#webauthn-provision-label")["value"] == label
    assert not page.html.select("script:not([src])")
    assert site.rows(LABELS) == []
