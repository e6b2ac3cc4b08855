"""Enrolling an authenticator app: whose secret it is, and what turns it on."""

from base64 import b32decode, b64encode, urlsafe_b64decode
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from tests.common.enrolling import (
    IMAGE,
    begin,
    code_of,
    link_on,
    secret_in,
    secret_on,
    send,
    start_again,
    wrong_code,
)
from tests.common.jars import copy_cookies, drop_cookie
from tests.common.people import Person
from tests.common.site import Site
from tests.common.visitor import PROVISION_TOTP, Visitor

COUNT = "SELECT count(*) FROM totp_applications"
OWNERS = (
    "SELECT username, label FROM totp_applications JOIN users ON users.id = user_id ORDER BY 1, 2"
)
BASE32 = set("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")


# The secret


def test_the_page_shows_one_key_as_text_and_as_link(newcomer: Visitor) -> None:
    page = newcomer.get(PROVISION_TOTP, status=200)

    assert secret_in(link_on(page)) == secret_on(page)
    assert page.headers["Cache-Control"] == "no-store"


@pytest.mark.attack("P-040")
def test_every_jar_gets_a_secret_of_its_own_of_160_bits(site: Site, newcomer: Visitor) -> None:
    secrets = [begin(copy_cookies(newcomer, site.visitor(), "session", "csrf")) for _ in range(50)]

    assert len(set(secrets)) == 50
    assert all(len(secret) == 32 and set(secret) <= BASE32 for secret in secrets)


@pytest.mark.attack("P-040")
def test_the_link_names_site_and_account(newcomer: Visitor) -> None:
    link = urlsplit(link_on(newcomer.get(PROVISION_TOTP)))

    assert (link.scheme, link.netloc) == ("otpauth", "totp")
    assert unquote(link.path) == "/Package Index:dave"
    assert parse_qs(link.query)["issuer"] == ["Package Index"]


def test_a_reload_keeps_the_secret(newcomer: Visitor) -> None:
    assert begin(newcomer) == begin(newcomer)


def test_a_refused_answer_keeps_the_secret(site: Site, newcomer: Visitor) -> None:
    secret = begin(newcomer)

    page = send(newcomer, wrong_code(secret, site.clock), status=422)

    assert secret_on(page) == begin(newcomer) == secret


def test_the_cookie_holds_the_secret_sealed(newcomer: Visitor) -> None:
    secret = begin(newcomer)

    text = newcomer.cookie("enroll") or ""
    raw = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    assert len(raw) > 20
    assert b32decode(secret) not in raw
    assert b64encode(b32decode(secret)) not in raw


def test_the_secret_is_stored_nowhere_before_its_first_code(site: Site, newcomer: Visitor) -> None:
    before = site.tags()

    begin(newcomer)

    assert site.value(COUNT) == 0
    assert site.tags() == before


def test_the_secret_ends_after_ten_minutes(site: Site, newcomer: Visitor) -> None:
    secret = begin(newcomer)
    form = newcomer.form(PROVISION_TOTP, "totp-provision-form")
    site.clock.advance(minutes=10)
    form["totp_value"] = code_of(secret, site.clock)

    page = form.submit(status=303).follow(status=200)

    assert "The setup key was too old" in page
    assert secret_on(page) != secret
    assert site.value(COUNT) == 0


def test_the_secret_lives_until_just_before_ten_minutes(site: Site, newcomer: Visitor) -> None:
    secret = begin(newcomer)
    site.clock.advance(minutes=9, seconds=52)

    send(newcomer, code_of(secret, site.clock))

    assert site.value(COUNT) == 1


@pytest.mark.attack("P-038")
@pytest.mark.parametrize(
    "field", ["totp_secret", "provision_totp_secret", "secret", "enroll", "seed"]
)
def test_a_secret_from_a_field_is_ignored(site: Site, newcomer: Visitor, field: str) -> None:
    secret = begin(newcomer)
    chosen = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"

    send(newcomer, code_of(chosen, site.clock), status=422, **{field: chosen})
    assert site.value(COUNT) == 0

    send(newcomer, code_of(secret, site.clock), **{field: chosen})
    assert site.value(COUNT) == 1


@pytest.mark.attack("P-038")
@pytest.mark.parametrize("field", ["user_id", "username", "user"])
def test_an_account_from_a_field_is_ignored(
    site: Site, newcomer: Visitor, user_without_factor: Person, mallory: Person, field: str
) -> None:
    secret = begin(newcomer)

    send(newcomer, code_of(secret, site.clock), **{field: str(mallory.user_id)})

    assert site.rows(OWNERS) == [("dave", "Phone"), ("mallory", "Phone")]


# Whose enrollment it is


def test_the_enrollment_of_another_account_is_refused(
    site: Site, newcomer: Visitor, mallory: Person
) -> None:
    secret = begin(newcomer)
    thief = site.visitor()
    thief.log_in(mallory)
    token = thief.csrf_token(PROVISION_TOTP)
    copy_cookies(newcomer, thief, "enroll")

    fields = {"label": "Mine", "totp_value": code_of(secret, site.clock), "csrf_token": token}
    page = thief.post(PROVISION_TOTP, fields, status=303).follow(status=200)

    assert secret_on(page) != secret
    assert site.rows(OWNERS) == [("mallory", "Phone")]


def test_the_enrollment_of_another_session_is_refused(
    site: Site, newcomer: Visitor, user_without_factor: Person
) -> None:
    secret = begin(newcomer)
    other = site.visitor()
    other.give_password(user_without_factor)
    token = other.csrf_token(PROVISION_TOTP)
    copy_cookies(newcomer, other, "enroll")

    fields = {"label": "Mine", "totp_value": code_of(secret, site.clock), "csrf_token": token}
    page = other.post(PROVISION_TOTP, fields, status=303).follow(status=200)

    assert secret_on(page) != secret
    assert site.value(COUNT) == 0


def test_the_enrollment_of_a_session_that_ended_is_refused_in_the_next_one(
    site: Site, newcomer: Visitor, user_without_factor: Person
) -> None:
    secret = begin(newcomer)
    sealed = copy_cookies(newcomer, site.visitor(), "enroll")
    newcomer.form("/account/logout/", "logout-form").submit(status=303)
    newcomer.give_password(user_without_factor)
    copy_cookies(sealed, newcomer, "enroll")

    assert begin(newcomer) != secret


@pytest.mark.parametrize(
    "change",
    [
        lambda value: "",
        lambda value: "x",
        lambda value: value[:-1],
        lambda value: value[:20] + ("A" if value[20] != "A" else "B") + value[21:],
        lambda value: value[:-4] + "AAAA",
        lambda value: value + "AAAA",
        lambda value: "\u00e9",
        lambda value: "A" * 3000,
    ],
    ids=["empty", "one", "cut", "nonce", "tag", "longer", "not ASCII", "long"],
)
def test_a_changed_cookie_begins_another_enrollment(
    site: Site, newcomer: Visitor, change: object
) -> None:
    secret = begin(newcomer)
    sealed = newcomer.cookie("enroll")
    drop_cookie(newcomer, "enroll")
    name = "__Host-enroll" if site.settings.is_https else "enroll"
    newcomer.set_cookie(name, change(sealed))  # type: ignore[operator]

    assert begin(newcomer) != secret


# The first code


def test_the_right_code_turns_the_app_on(site: Site, newcomer: Visitor) -> None:
    secret = begin(newcomer)

    page = send(newcomer, code_of(secret, site.clock), "Phone").follow(status=200)

    assert "Your authenticator app is set up." in page
    page = newcomer.get("/manage/account/two-factor/", status=200)
    assert page.html.select_one(".factor-totp .credential-label").text == "Phone"
    assert site.rows("SELECT label, last_used_at FROM totp_applications") == [("Phone", None)]
    newcomer.get("/manage/account/", status=200)


@pytest.mark.attack("P-039")
def test_the_right_code_is_told_by_event_and_mail(site: Site, newcomer: Visitor) -> None:
    secret = begin(newcomer)

    send(newcomer, code_of(secret, site.clock), "Phone")

    assert site.tags()[-1] == "account:totp:enrolled"
    (mail,) = site.mails(to="dave@example.org")
    assert mail.subject == "An authenticator app was added to your account"
    assert "Phone" in mail.text
    assert "Phone" in mail.html


@pytest.mark.attack("P-039")
def test_a_wrong_code_turns_nothing_on(site: Site, newcomer: Visitor) -> None:
    secret = begin(newcomer)
    before = site.tags()

    page = send(newcomer, wrong_code(secret, site.clock), status=422)

    assert "This is not a code of this setup key." in page
    assert site.value(COUNT) == 0
    assert site.tags() == before
    assert site.mails() == []
    newcomer.get("/manage/account/", status=303)


@pytest.mark.attack("P-039")
@pytest.mark.parametrize("steps", [-20, -2, 2, 20])
def test_a_code_from_too_far_away_turns_nothing_on(
    site: Site, newcomer: Visitor, steps: int
) -> None:
    secret = begin(newcomer)

    send(newcomer, code_of(secret, site.clock, steps), status=422)

    assert site.value(COUNT) == 0


@pytest.mark.parametrize("steps", [-1, 1])
def test_a_code_from_one_step_away_turns_the_app_on(
    site: Site, newcomer: Visitor, steps: int
) -> None:
    secret = begin(newcomer)

    send(newcomer, code_of(secret, site.clock, steps))

    assert site.value(COUNT) == 1


@pytest.mark.attack("P-039")
def test_the_code_of_the_old_secret_is_refused_after_starting_again(
    site: Site, newcomer: Visitor
) -> None:
    old = begin(newcomer)
    new = start_again(newcomer)

    send(newcomer, code_of(old, site.clock), status=422)
    assert old != new
    assert site.value(COUNT) == 0

    send(newcomer, code_of(new, site.clock))
    assert site.value(COUNT) == 1


def test_looking_at_the_page_with_start_again_in_the_address_keeps_the_secret(
    newcomer: Visitor,
) -> None:
    secret = begin(newcomer)

    assert secret_on(newcomer.get(f"{PROVISION_TOTP}?start_again=1", status=200)) == secret


@pytest.mark.parametrize(
    "code",
    ["", "   ", "null", "[]", "12345", "1234567", "-12345", "12345\uff16", "9" * 33, "1" * 50_000],
    ids=["empty", "blank", "null", "list", "5", "7", "minus", "fullwidth", "33", "50000"],
)
def test_what_is_no_code_turns_nothing_on(site: Site, newcomer: Visitor, code: str) -> None:
    begin(newcomer)

    page = send(newcomer, code, status=422)

    assert page.html.select_one('.error-summary a[href="#totp_value"]')
    assert site.value(COUNT) == 0


def test_a_missing_code_turns_nothing_on(site: Site, newcomer: Visitor) -> None:
    token = newcomer.csrf_token(PROVISION_TOTP)

    newcomer.post(PROVISION_TOTP, {"label": "Phone", "csrf_token": token}, status=422)

    assert site.value(COUNT) == 0


def test_a_code_given_twice_is_refused(site: Site, newcomer: Visitor) -> None:
    secret = begin(newcomer)
    code = code_of(secret, site.clock)
    token = newcomer.csrf_token(PROVISION_TOTP)
    fields = [
        ("label", "Phone"),
        ("totp_value", code),
        ("totp_value", code),
        ("csrf_token", token),
    ]

    newcomer.post(PROVISION_TOTP, fields, status=400)

    assert site.value(COUNT) == 0


def test_a_code_with_blanks_turns_the_app_on(site: Site, newcomer: Visitor) -> None:
    code = code_of(begin(newcomer), site.clock)

    send(newcomer, f" {code[:3]} {code[3:]} ")

    assert site.value(COUNT) == 1


def test_a_refused_page_keeps_the_name_and_not_the_code(site: Site, newcomer: Visitor) -> None:
    code = wrong_code(begin(newcomer), site.clock)

    page = send(newcomer, code, "Grandma's tablet", status=422)

    form = page.forms["totp-provision-form"]
    assert (form["label"].value, form["totp_value"].value) == ("Grandma's tablet", "")
    assert code not in page.text


def test_an_enrollment_is_over_once_it_is_complete(site: Site, newcomer: Visitor) -> None:
    secret = begin(newcomer)
    send(newcomer, code_of(secret, site.clock))

    assert newcomer.cookie("enroll") is None
    assert begin(newcomer) != secret


# Several applications


@pytest.mark.attack("P-039")
def test_a_cookie_that_was_kept_enrolls_the_same_secret_no_second_time(
    site: Site, newcomer: Visitor
) -> None:
    secret = begin(newcomer)
    kept = copy_cookies(newcomer, site.visitor(), "enroll")
    send(newcomer, code_of(secret, site.clock), label="Phone")
    site.clock.advance(seconds=60)
    copy_cookies(kept, newcomer, "enroll")
    fields = {"label": "Tablet", "totp_value": code_of(secret, site.clock)}

    newcomer.post_form(PROVISION_TOTP, fields, status=303)

    assert site.rows(OWNERS) == [("dave", "Phone")]
    assert begin(newcomer) != secret


def test_a_cookie_that_was_kept_shows_its_secret_no_second_time(
    site: Site, newcomer: Visitor
) -> None:
    secret = begin(newcomer)
    kept = copy_cookies(newcomer, site.visitor(), "enroll")
    send(newcomer, code_of(secret, site.clock))
    copy_cookies(kept, newcomer, "enroll")

    newcomer.get(IMAGE, status=404)
    assert begin(newcomer) != secret


def test_an_account_has_several_apps_with_names(site: Site, alice: Visitor) -> None:
    send(alice, code_of(begin(alice), site.clock), "Tablet")

    page = alice.get("/manage/account/two-factor/", status=200)
    labels = [label.text for label in page.html.select(".factor-totp .credential-label")]
    assert labels == ["Phone", "Tablet"]


def test_a_sixth_app_is_refused(site: Site, newcomer: Visitor) -> None:
    for number in range(5):
        send(newcomer, code_of(begin(newcomer), site.clock), f"App {number}")
    events = site.tags()

    page = send(newcomer, code_of(begin(newcomer), site.clock), "App 5", status=422)

    assert "You have as many apps as an account can have." in page
    assert site.value(COUNT) == 5
    assert site.tags() == events
    newcomer.get("/manage/account/", status=200)


def test_the_limit_is_that_of_one_account(
    site: Site, newcomer: Visitor, user_with_totp: Person
) -> None:
    for number in range(5):
        send(newcomer, code_of(begin(newcomer), site.clock), f"App {number}")

    assert len(site.rows(OWNERS)) == 6


# Who may


def test_nobody_enrolls_without_a_session(site: Site, visitor: Visitor) -> None:
    page = visitor.get(PROVISION_TOTP, status=303)

    assert page.location.startswith(f"{site.origin}/account/login/?next=")
    assert visitor.cookie("enroll") is None


def test_nobody_enrolls_with_an_address_that_is_not_verified(
    site: Site, visitor: Visitor, user_unverified: Person
) -> None:
    visitor.give_password(user_unverified)

    visitor.get(PROVISION_TOTP, status=303)
    visitor.post_form(PROVISION_TOTP, {"label": "Phone", "totp_value": "123456"}, status=303)

    assert visitor.cookie("enroll") is None
    assert site.value(COUNT) == 0


@pytest.mark.attack("P-022")
def test_nobody_enrolls_between_the_password_and_the_second_factor(
    site: Site, visitor: Visitor, user_with_totp: Person
) -> None:
    visitor.give_password(user_with_totp)

    visitor.get(PROVISION_TOTP, status=303)

    assert visitor.cookie("enroll") is None
    assert site.value(COUNT) == 1
