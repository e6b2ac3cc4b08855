"""A person's own pages, and what somebody with an unfinished account may do."""

from urllib.parse import parse_qs, urlsplit

import pytest

from tests.common.authenticator import SoftwareAuthenticator
from tests.common.people import Person
from tests.common.site import Site
from tests.common.visitor import PROVISION_KEY, PROVISION_TOTP, Visitor
from tests.common.watching import statements

OVERVIEW = "/manage/account/"
TWO_FACTOR = "/manage/account/two-factor/"
WAITING = "/manage/unverified-account/"


def test_the_overview_shows_who_one_is(
    site: Site, visitor: Visitor, user_with_totp: Person
) -> None:
    visitor.log_in(user_with_totp)

    page = visitor.get(OVERVIEW, status=200)

    facts = [fact.text for fact in page.html.select("dl.facts bdi")]
    assert facts == ["alice", "Alice Example", "alice@example.org"]
    assert page.headers["Cache-Control"] == "no-store"
    assert page.html.select_one(".site-menu-person bdi").text == "alice"


def test_the_overview_costs_four_statements_however_much_there_is(site: Site) -> None:
    costs = []
    for name in ("alice", "grace"):
        person, visitor = site.person(name, totp=True), site.visitor()
        visitor.log_in(person)
        if name == "grace":
            for n in range(5):
                person.key = SoftwareAuthenticator()
                visitor.register_key(person, f"Key {n}")
            visitor.make_recovery_codes(person)
            for n in range(4):
                site.visitor(f"198.51.100.{n}").give_password(person)
        with statements(site) as sent:
            visitor.get(OVERVIEW, status=200)
        costs.append(len([one for one in sent if not one.startswith("BEGIN")]))

    assert costs == [4, 4]


@pytest.mark.parametrize(
    ("totp", "key", "step"),
    [
        (True, False, "Next: protection from phishing"),
        (False, True, "Next: a spare"),
        (True, True, "Nothing left to do"),
    ],
)
def test_the_overview_names_the_one_next_step(
    site: Site, visitor: Visitor, totp: bool, key: bool, step: str
) -> None:
    person = site.person("grace", totp=totp, key=key)
    visitor.log_in(person)
    visitor.make_recovery_codes(person)
    visitor.prove_recovery_code(person)

    page = visitor.get(OVERVIEW, status=200)

    assert page.html.select_one("h2").text == step


def test_the_overview_asks_for_recovery_codes_and_then_whether_they_are_kept(
    visitor: Visitor, user_with_totp: Person
) -> None:
    visitor.log_in(user_with_totp)

    before = visitor.get(OVERVIEW, status=200)
    visitor.make_recovery_codes(user_with_totp)
    after = visitor.get(OVERVIEW, status=200)

    assert before.html.select_one("h2").text == "Next: recovery codes"
    assert before.html.select_one(".check-missing strong").text == "Recovery codes"
    assert before.html.select_one(".button-primary").text == "Make recovery codes"
    assert after.html.select_one("h2").text == "Next: show that your recovery codes are kept"
    assert after.html.select_one(".button-primary").text == "Show that they are kept"
    assert "nothing lets you in" in before.text
    assert "nothing lets you in" not in after.text
    assert "You have not shown yet that they are kept." in after.text


@pytest.mark.parametrize(("left", "step"), [(3, "Next: a spare"), (2, "Next: new recovery codes")])
def test_the_overview_warns_when_few_recovery_codes_are_left(
    site: Site, visitor: Visitor, user_with_key: Person, left: int, step: str
) -> None:
    visitor.log_in(user_with_key)
    visitor.make_recovery_codes(user_with_key)
    keep_codes(site, left)

    page, factors = (visitor.get(path, status=200) for path in (OVERVIEW, TWO_FACTOR))

    assert page.html.select_one("h2").text == step
    assert ("Few are left." in factors.text) == (left == 2)


def keep_codes(site: Site, number: int) -> None:
    """Let all have been shown, and all but so many be used up."""
    site.change("UPDATE recovery_codes SET proved_at = created_at")
    some = f"SELECT id FROM recovery_codes ORDER BY id LIMIT {8 - number}"
    site.change(f"UPDATE recovery_codes SET redeemed_at = created_at WHERE id IN ({some})")


def test_a_stranger_is_sent_to_log_in_and_back(visitor: Visitor) -> None:
    answer = visitor.get(OVERVIEW, status=303)

    parts = urlsplit(answer.location)
    assert (parts.path, parse_qs(parts.query)) == ("/account/login/", {"next": [OVERVIEW]})


def test_somebody_without_a_factor_is_sent_to_set_one_up(
    visitor: Visitor, user_without_factor: Person
) -> None:
    visitor.give_password(user_without_factor)

    answer = visitor.get(OVERVIEW, status=303)

    parts = urlsplit(answer.location)
    assert (parts.path, parse_qs(parts.query)) == (TWO_FACTOR, {"next": [OVERVIEW]})
    assert "Set up a second factor first." in answer.follow(status=200)


@pytest.mark.parametrize(
    "path", [TWO_FACTOR, PROVISION_TOTP, PROVISION_KEY, f"{PROVISION_KEY}/options"]
)
def test_somebody_without_a_factor_may_set_one_up(
    visitor: Visitor, user_without_factor: Person, path: str
) -> None:
    visitor.give_password(user_without_factor)

    visitor.get(path, status=200)


def test_somebody_who_set_up_a_factor_is_in(
    site: Site, visitor: Visitor, user_without_factor: Person
) -> None:
    visitor.give_password(user_without_factor)
    visitor.enroll_totp(user_without_factor)

    page = visitor.get(OVERVIEW, status=200)

    assert "dave@example.org" in page
    assert site.value("SELECT factor FROM sessions") == "totp"


@pytest.mark.parametrize("path", [OVERVIEW, TWO_FACTOR, PROVISION_TOTP, PROVISION_KEY])
def test_somebody_unverified_is_sent_to_verify(
    visitor: Visitor, user_unverified: Person, path: str
) -> None:
    visitor.give_password(user_unverified)

    answer = visitor.get(path, status=303)

    assert urlsplit(answer.location).path == WAITING
    visitor.get(WAITING, status=200)


def test_somebody_unverified_cannot_set_up_an_authenticator(
    site: Site, visitor: Visitor, user_unverified: Person
) -> None:
    visitor.give_password(user_unverified)

    fields = {"label": "Phone", "totp_value": "123456"}
    answer = visitor.post_form(PROVISION_TOTP, fields, status=303)

    assert urlsplit(answer.location).path == WAITING
    assert site.rows("SELECT * FROM totp_applications") == []
    assert visitor.cookie("enroll") is None


def test_somebody_unverified_cannot_register_a_key(
    site: Site, visitor: Visitor, user_unverified: Person
) -> None:
    visitor.give_password(user_unverified)

    refused = visitor.get(f"{PROVISION_KEY}/options", status=401)
    visitor.post_form(f"{PROVISION_KEY}/validate", {"credential": "{}"}, status=401)

    assert refused.json["fail"]["reason"] == "not-verified"
    assert "challenge" not in refused.text
    assert site.rows("SELECT * FROM webauthn_credentials") == []


def test_a_new_account_verifies_first_and_sets_up_a_factor_then(
    site: Site, visitor: Visitor, user_unverified: Person
) -> None:
    visitor.give_password(user_unverified)
    page = visitor.get(WAITING, status=200)
    email_id = page.html.select_one("[name=reverify_email_id]")["value"]
    visitor.post_form(WAITING, {"reverify_email_id": email_id}, status=303)
    (mail,) = site.mails(to="erin@example.org")
    link = visitor.get(mail.link, status=303).follow(status=200)
    link.forms["verify-form"].submit("decision", value="verify", status=303)

    visitor.enroll_totp(user_unverified)

    visitor.get(OVERVIEW, status=200)
    assert site.tags()[-2:] == ["account:email:verified", "account:totp:enrolled"]
