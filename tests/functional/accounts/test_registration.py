"""Registering: what makes an account, and what is refused."""

import json
from urllib.parse import urlencode

import pytest
from webtest import TestResponse

from tests.common.answers import Face, face, refusals
from tests.common.people import PASSWORD, Person
from tests.common.registering import NEWTON, REGISTER, register
from tests.common.site import Site
from tests.common.visitor import Visitor

BAD_USERNAME = (
    "A username has up to 50 letters from a to z, digits, dots, dashes and underscores, "
    "and begins and ends with a letter or a digit."
)
BAD_ADDRESS = "This does not look like an email address. Check it, such as name@example.org."
UNPRINTABLE = "The name holds a character that cannot be shown."


def accounts(site: Site) -> int:
    number: int = site.value("SELECT count(*) FROM users")
    return number


# What registering does


def test_registering_makes_one_account_with_an_unverified_address(
    site: Site, visitor: Visitor
) -> None:
    answer = register(visitor)

    assert answer.location.endswith("/manage/unverified-account/")
    (row,) = site.rows(
        "SELECT username, name, address, users.verified_at, emails.verified_at, is_superuser"
        " FROM users JOIN emails ON emails.user_id = users.id"
    )
    assert tuple(row) == ("newton", "Isaac Newton", "newton@example.org", None, None, False)


def test_registering_is_recorded_once(site: Site, visitor: Visitor) -> None:
    register(visitor)

    assert site.tags() == ["account:registered"]
    assert site.value("SELECT actor_id = subject_id FROM events")


def test_registering_mails_one_link_to_the_address(site: Site, visitor: Visitor) -> None:
    register(visitor)

    (mail,) = site.mails()
    assert mail.to == "newton@example.org"
    assert mail.link.startswith("/account/verify-email/?token=")


def test_registering_logs_in_without_a_second_factor(site: Site, visitor: Visitor) -> None:
    page = register(visitor).follow(status=200)

    assert "newton" in page.html.select_one(".site-menu-person").text
    assert site.value("SELECT factor FROM sessions") is None


def test_the_password_is_kept_as_an_argon2_hash_only(site: Site, visitor: Visitor) -> None:
    register(visitor)

    assert site.value("SELECT password_hash FROM users").startswith("$argon2id$")


def test_a_name_is_optional(site: Site, visitor: Visitor) -> None:
    register(visitor, full_name="")

    assert site.value("SELECT name FROM users") == ""


def test_a_name_is_shown_as_text_and_never_as_markup(site: Site, visitor: Visitor) -> None:
    refused = register(visitor, full_name="<script>alert(1)</script>", username="", status=422)

    assert "<script>alert(1)" not in refused
    assert refused.forms["register-form"]["full_name"].value == "<script>alert(1)</script>"


def test_somebody_who_is_logged_in_cannot_register_another_account(
    site: Site, visitor: Visitor, user_with_totp: Person
) -> None:
    visitor.log_in(user_with_totp)

    visitor.get(REGISTER, status=303)
    answer = visitor.post_form(REGISTER, NEWTON, status=303)

    assert answer.location.endswith("/manage/account/")
    assert accounts(site) == 1


# Each field


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("username", "", "Choose a username."),
        ("username", "   ", "Choose a username."),
        ("username", "a" * 51, "A username has at most 50 characters."),
        ("username", "isaac newton", BAD_USERNAME),
        ("username", "-newton", BAD_USERNAME),
        ("username", "newton.", BAD_USERNAME),
        ("username", "new/ton", BAD_USERNAME),
        ("username", "newton@example.org", BAD_USERNAME),
        ("username", "newtön", BAD_USERNAME),
        ("username", "new\nton", BAD_USERNAME),
        ("email", "", "Enter your email address."),
        ("email", "a" * 250 + "@b.org", "This email address is too long."),
        ("email", "newton", BAD_ADDRESS),
        ("email", "newton@", BAD_ADDRESS),
        ("email", "@example.org", BAD_ADDRESS),
        ("email", "newton@example", BAD_ADDRESS),
        ("email", "new ton@example.org", BAD_ADDRESS),
        ("email", "newton@exam ple.org", BAD_ADDRESS),
        ("email", "newton@-example.org", BAD_ADDRESS),
        ("email", "newton@example..org", BAD_ADDRESS),
        ("email", "newton@[192.0.2.1]", BAD_ADDRESS),
        ("email", "Newton <newton@example.org>", BAD_ADDRESS),
        ("email", "a@example.org,b@example.org", BAD_ADDRESS),
        ("email", "newton@example.org\r\nBcc: all@example.org", BAD_ADDRESS),
        ("email", "a" * 65 + "@example.org", BAD_ADDRESS),
        ("full_name", "x" * 101, "A name has at most 100 characters."),
        ("full_name", "Isaac\u202enotweN", UNPRINTABLE),
        ("full_name", "Isaac\x1b[2J", UNPRINTABLE),
        ("full_name", "Isaac\r\nNewton", UNPRINTABLE),
        ("new_password", "", "Choose a password."),
        ("password_confirm", "", "Enter the password a second time."),
        ("password_confirm", PASSWORD.upper(), "The two passwords are not the same."),
        ("password_confirm", PASSWORD + " ", "The two passwords are not the same."),
        ("confirm_form", "https://spam.example/", "Leave this field empty."),
    ],
)
def test_a_field_that_is_not_right_is_refused_with_its_own_message(
    site: Site, visitor: Visitor, field: str, value: str, message: str
) -> None:
    fields = {"password_confirm": PASSWORD, field: value}

    refused = register(visitor, status=422, **fields)

    assert message in refusals(refused)
    assert refused.html.select_one(f"[name={field}]").get("aria-invalid", "true") == "true"
    assert refused.html.title.text.startswith("Error:")
    assert accounts(site) == 0


def test_every_field_that_is_wrong_is_named_at_once(site: Site, visitor: Visitor) -> None:
    empty = dict.fromkeys(NEWTON, "")

    refused = register(visitor, status=422, **empty)

    linked = [link["href"] for link in refused.html.select(".error-summary a")]
    assert sorted(linked) == ["#email", "#new_password", "#password_confirm", "#username"]


def test_a_form_with_nothing_but_a_token_in_the_header_is_refused(
    site: Site, visitor: Visitor
) -> None:
    token = visitor.csrf_token()

    refused = visitor.post(REGISTER, "", {"X-CSRF-Token": token}, status=422)

    assert "Choose a username." in refusals(refused)


@pytest.mark.parametrize("field", NEWTON)
def test_a_field_given_twice_is_refused(site: Site, visitor: Visitor, field: str) -> None:
    fields = {**NEWTON, "csrf_token": visitor.csrf_token()}
    body = urlencode([*fields.items(), (field, fields[field])])

    visitor.post(REGISTER, body, status=400)

    assert accounts(site) == 0


@pytest.mark.parametrize("field", NEWTON)
def test_a_field_with_nul_in_it_is_refused(site: Site, visitor: Visitor, field: str) -> None:
    visitor.post_form(REGISTER, {**NEWTON, field: NEWTON[field] + "\0"}, status=400)

    assert accounts(site) == 0


@pytest.mark.parametrize("value", ["%FF", "%C3", "%ED%A0%80", "%F4%90%80%80"])
def test_a_field_that_is_no_utf_8_is_refused(site: Site, visitor: Visitor, value: str) -> None:
    fields = {**NEWTON, "csrf_token": visitor.csrf_token()}
    del fields["full_name"]

    visitor.post(REGISTER, f"{urlencode(fields)}&full_name={value}", status=400)

    assert accounts(site) == 0


def test_a_form_in_raw_latin_1_is_refused(site: Site, visitor: Visitor) -> None:
    fields = {**NEWTON, "csrf_token": visitor.csrf_token()}
    del fields["full_name"]
    body = urlencode(fields).encode() + b"&full_name=J\xfcrgen"

    visitor.post(REGISTER, body, status=400)

    assert accounts(site) == 0


@pytest.mark.parametrize("content_type", ["application/json", "text/plain", "multipart/form-data"])
def test_another_type_of_body_is_refused(site: Site, visitor: Visitor, content_type: str) -> None:
    token = visitor.csrf_token()
    body = json.dumps(NEWTON)

    visitor.post(REGISTER, body, {"X-CSRF-Token": token}, content_type=content_type, status=400)

    assert accounts(site) == 0


@pytest.mark.parametrize("name", ["user_id", "is_superuser", "verified_at", "username[]"])
def test_fields_that_the_form_does_not_have_are_ignored(
    site: Site, visitor: Visitor, name: str
) -> None:
    visitor.post_form(REGISTER, {**NEWTON, name: "1"}, status=303)

    (row,) = site.rows("SELECT username, is_superuser, verified_at FROM users")
    assert tuple(row) == ("newton", False, None)


def test_a_refused_form_keeps_what_was_typed_but_no_password(site: Site, visitor: Visitor) -> None:
    refused = register(visitor, username="new ton", status=422)

    form = refused.forms["register-form"]
    kept = {name: form[name].value for name in NEWTON}
    assert kept == {**NEWTON, "username": "new ton", "new_password": "", "password_confirm": ""}
    assert PASSWORD not in refused


# Passwords


@pytest.mark.parametrize(
    ("password", "message"),
    [
        ("xK4$ v9", "Use at least 8 characters."),
        ("\U0001d54f" * 7, "Use at least 8 characters."),
        ("sebastian1", "This is one of the passwords that are tried first. Use another."),
        ("Sebastian1", "This is one of the passwords that are tried first. Use another."),
        (
            "isaacnewton",
            "Do not use your name, your address or the name of this site as password.",
        ),
        (
            "Newton@Example.org",
            "Do not use your name, your address or the name of this site as password.",
        ),
        (
            "Package Index",
            "Do not use your name, your address or the name of this site as password.",
        ),
        (
            "abcdefgh2024",
            "This is easy to guess. Add another word or two: a phrase is strong and easy to keep.",
        ),
        ("q" * 4097, "A password has at most 4096 characters."),
        # One code point that NFKC makes eighteen of.
        ("\ufdfa" * 300, "Use at most 4096 characters."),
    ],
)
def test_a_password_that_breaks_a_rule_is_refused_with_that_rule(
    site: Site, visitor: Visitor, password: str, message: str
) -> None:
    refused = register(visitor, username="isaacnewton", new_password=password, status=422)

    assert refusals(refused) == [message]
    assert accounts(site) == 0


@pytest.mark.parametrize("password", [PASSWORD, "q7 Ünïcødé wörds ß", "x9$ kelp Tundra " * 256])
def test_a_strong_password_is_taken(site: Site, visitor: Visitor, password: str) -> None:
    register(visitor, new_password=password)

    assert accounts(site) == 1


# Taken


def test_a_taken_username_is_refused_at_its_field(
    site: Site, visitor: Visitor, user_with_totp: Person
) -> None:
    refused = register(visitor, username="alice", status=422)

    assert refusals(refused) == ["This username is taken. Choose another one."]
    assert accounts(site) == 1


def test_a_taken_verified_address_gets_the_same_answer_as_a_free_one(
    site: Site, user_with_totp: Person
) -> None:
    stranger, newcomer = site.visitor(), site.visitor()

    taken = register(stranger, username="evelyn", email="alice@example.org")
    free = register(newcomer, username="evonne", email="alicf@example.org")

    assert face(taken) == face(free)
    assert waiting_page(taken) == waiting_page(free)


def waiting_page(registered: TestResponse) -> Face:
    """Return the face of the page that registering leads to, whoever registered."""
    page = registered.follow(status=200)
    email_id = page.html.select_one("[name=reverify_email_id]")["value"]
    name, address = (
        page.html.select_one(of).text for of in (".site-menu-person bdi", "bdi.strong")
    )
    return face(page, name, address, email_id)


def test_the_owner_of_a_taken_address_is_told_and_nobody_gets_a_link(
    site: Site, visitor: Visitor, user_with_totp: Person
) -> None:
    before = len(site.mails())

    register(visitor, username="evelyn", email="Alice@Example.org")

    (mail,) = site.mails()[before:]
    assert mail.to == "alice@example.org"
    assert "alice" in mail.text
    assert "/account/verify-email/" not in mail.text + mail.html


def test_an_address_that_is_only_claimed_can_be_claimed_again(
    site: Site, visitor: Visitor, user_unverified: Person
) -> None:
    register(visitor, username="erin2", email="erin@example.org")

    (mail,) = site.mails(to="erin@example.org")
    assert mail.link.startswith("/account/verify-email/?token=")


# Limits


def test_a_network_address_registers_twenty_accounts_an_hour(site: Site) -> None:
    for n in range(20):
        register(site.visitor(), username=f"newton{n}", email=f"newton{n}@example.org")

    refused = register(site.visitor(), status=429)
    register(site.visitor(address="192.0.2.2"), username="galileo", email="galileo@example.org")
    site.clock.advance(hours=1)
    register(site.visitor())

    assert int(refused.headers["Retry-After"]) == 3600
    assert accounts(site) == 22
