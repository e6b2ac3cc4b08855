"""Recovery codes: shown once, kept hashed, each good for one login."""

import re

import pytest

from tests.common.jars import at_once
from tests.common.people import Person
from tests.common.site import Site
from tests.common.visitor import RECOVERY_CODE, RECOVERY_CODES, TWO_FACTOR, Visitor
from warehouse_mfa.keys.interfaces import IKeyService

SHAPE = re.compile(r"([0-9A-HJKMNP-TV-Z]{4}-){5}[0-9A-HJKMNP-TV-Z]{4}")
USED = "SELECT count(*) FROM recovery_codes WHERE redeemed_at IS NOT NULL"


@pytest.fixture
def alice(visitor: Visitor, user_with_totp: Person) -> Person:
    """Alice, logged in as `visitor`, with recovery codes that nobody proved."""
    visitor.log_in(user_with_totp)
    visitor.make_recovery_codes(user_with_totp)
    return user_with_totp


def owing(site: Site, person: Person) -> Visitor:
    """Return somebody who gave the right password and owes a second factor."""
    visitor = site.visitor(address="198.51.100.7")
    visitor.give_password(person)
    return visitor


# Making them


def test_after_the_first_factor_the_way_leads_to_them(
    visitor: Visitor, user_without_factor: Person
) -> None:
    visitor.give_password(user_without_factor)

    answer = visitor.enroll_totp(user_without_factor)

    assert answer.location.endswith(RECOVERY_CODES)


@pytest.mark.attack("P-048")
def test_eight_different_codes_are_shown_once(visitor: Visitor, user_with_totp: Person) -> None:
    visitor.log_in(user_with_totp)

    page = visitor.make_recovery_codes(user_with_totp)

    codes = user_with_totp.recovery_codes
    assert len(set(codes)) == 8
    assert all(SHAPE.fullmatch(code) for code in codes)
    assert page.headers["Cache-Control"] == "no-store"
    again = visitor.get(RECOVERY_CODES, status=200)
    assert not any(code in again.text for code in codes)
    assert "8 codes left" in again.text


def test_they_can_be_saved_without_script(visitor: Visitor, user_with_totp: Person) -> None:
    visitor.log_in(user_with_totp)

    page = visitor.make_recovery_codes(user_with_totp)

    link = page.html.select_one("a[download]")
    assert link["download"].endswith(".txt")
    assert link["href"].startswith("data:text/plain")
    assert all(code in link["href"] for code in user_with_totp.recovery_codes)


@pytest.mark.attack("P-052")
def test_they_are_kept_hashed(site: Site, visitor: Visitor, alice: Person) -> None:
    rows = str(site.rows("SELECT * FROM recovery_codes"))

    for code in alice.recovery_codes:
        assert code not in rows
        assert code.replace("-", "") not in rows


def test_making_them_twice_needs_to_be_asked_for(
    site: Site, visitor: Visitor, alice: Person
) -> None:
    visitor.post_form(f"{RECOVERY_CODES}generate", status=303)

    assert site.value("SELECT count(*) FROM recovery_codes") == 8
    owing(site, alice).give_recovery_code(alice.recovery_codes[0])


@pytest.mark.attack("P-047")
def test_new_ones_end_the_old_ones(site: Site, visitor: Visitor, alice: Person) -> None:
    old = alice.recovery_codes[0]

    visitor.make_recovery_codes(alice, "regenerate")

    someone = owing(site, alice)
    someone.give_recovery_code(old, status=422)
    someone.give_recovery_code(alice.recovery_codes[0])


def test_new_ones_end_other_sessions_and_pending_logins(
    site: Site, visitor: Visitor, alice: Person
) -> None:
    other = owing(site, alice)
    other.give_recovery_code(alice.recovery_codes[0])
    waiting = owing(site, alice)

    visitor.make_recovery_codes(alice, "regenerate")

    other.get("/manage/account/", status=303)
    assert waiting.get(TWO_FACTOR, status=303).location.endswith("/account/login/")
    visitor.get("/manage/account/", status=200)


def test_all_verified_addresses_are_told(site: Site, visitor: Visitor, alice: Person) -> None:
    (mail,) = [mail for mail in site.mails() if "recovery codes" in mail.subject]

    assert mail.to == alice.address
    assert not any(code in mail.text + mail.html for code in alice.recovery_codes)


@pytest.mark.attack("P-024")
def test_without_a_factor_there_are_none(visitor: Visitor, user_without_factor: Person) -> None:
    visitor.give_password(user_without_factor)

    answer = visitor.post_form(f"{RECOVERY_CODES}generate", status=303)

    assert "/manage/account/two-factor/" in answer.location


# Showing that they are kept


def test_one_typed_in_again_proves_that_they_are_kept(
    site: Site, visitor: Visitor, alice: Person
) -> None:
    visitor.prove_recovery_code(alice)

    page = visitor.get(RECOVERY_CODES, status=200)
    assert "7 codes left" in page.text
    assert "recovery-burn-form" not in page.forms
    assert site.tags()[-1] == "account:recovery-codes:proved"
    assert site.mails()[-1].subject == "You showed that your recovery codes are kept"


@pytest.mark.parametrize("text", ["", "nonsense", "0000-0000-0000-0000-0000-0000", "x" * 200])
def test_what_is_none_of_them_proves_nothing(
    site: Site, visitor: Visitor, alice: Person, text: str
) -> None:
    alice.recovery_codes.append(text)

    visitor.prove_recovery_code(alice, status=422)

    assert site.value(USED) == 0


def test_guesses_at_them_are_recorded_and_limited(
    site: Site, visitor: Visitor, alice: Person
) -> None:
    real = list(alice.recovery_codes)
    alice.recovery_codes.extend(["0000-0000-0000-0000-0000-0000"] * 5)
    for _attempt in range(5):
        visitor.prove_recovery_code(alice, status=422)

    alice.recovery_codes[:] = real
    visitor.prove_recovery_code(alice, status=429)

    assert site.tags().count("account:recovery-code:refused") == 5
    assert site.value(USED) == 0


# Redeeming them


@pytest.mark.attack("P-045")
def test_a_code_logs_in_once(site: Site, visitor: Visitor, alice: Person) -> None:
    code = alice.recovery_codes[0]
    owing(site, alice).give_recovery_code(code)

    page = owing(site, alice).give_recovery_code(code, status=422)

    assert "it was used before" in page.text
    assert site.value(USED) == 1


@pytest.mark.attack("P-046")
def test_of_twenty_at_once_one_logs_in(site: Site, visitor: Visitor, alice: Person) -> None:
    forms = []
    for number in range(20):
        jar = site.visitor(address=f"198.51.100.{number + 10}")
        jar.give_password(alice)
        form = jar.form(RECOVERY_CODE, "recovery-auth-form")
        form["recovery_code_value"] = alice.recovery_codes[0]
        forms.append(form)

    answers = at_once([lambda form=form: form.submit(expect_errors=True) for form in forms])

    statuses = [answer.status_int for answer in answers]
    assert statuses.count(303) == 1
    assert set(statuses) <= {303, 422, 429}
    assert site.value(USED) == 1
    assert site.tags().count("account:recovery-code:redeemed") == 1


@pytest.mark.attack("P-050")
@pytest.mark.parametrize(
    "typed",
    [
        lambda code: code.lower(),
        lambda code: code.replace("-", ""),
        lambda code: code.replace("-", " "),
        lambda code: f"  {code}  ",
        lambda code: code.replace("0", "O").replace("1", "l"),
    ],
)
def test_how_it_is_written_is_forgiven(
    site: Site, visitor: Visitor, alice: Person, typed: object
) -> None:
    owing(site, alice).give_recovery_code(typed(alice.recovery_codes[0]))  # type: ignore[operator]

    assert site.value(USED) == 1


@pytest.mark.attack("P-050")
@pytest.mark.parametrize(
    "typed",
    [
        lambda code: code[:-1],
        lambda code: code[:20],
        lambda code: code + "0",
        lambda code: "%" * 24,
        lambda code: "_" * 24,
        lambda code: "*",
        lambda code: code.replace("-", "/"),
        lambda code: "0" * 10_000,
    ],
)
def test_nothing_else_is(site: Site, visitor: Visitor, alice: Person, typed: object) -> None:
    page = owing(site, alice).give_recovery_code(
        typed(alice.recovery_codes[0]),  # type: ignore[operator]
        status=422,
    )

    assert page.forms["recovery-auth-form"]["recovery_code_value"].value == ""
    assert site.value(USED) == 0


@pytest.mark.attack("P-051")
def test_use_is_noticed(site: Site, visitor: Visitor, alice: Person) -> None:
    owing(site, alice).give_recovery_code(alice.recovery_codes[0])

    (mail,) = [mail for mail in site.mails() if "recovery code was used" in mail.subject]
    assert mail.to == alice.address
    assert "7" in mail.text
    tags = site.tags()
    assert tags[-2:] == ["account:recovery-code:redeemed", "account:login:completed"]
    address = site.value(
        "SELECT value FROM event_private JOIN events ON events.id = event_id "
        "WHERE tag = 'account:recovery-code:redeemed' AND field = 'address'"
    )
    assert address == "198.51.100.7"


@pytest.mark.attack("P-051")
def test_the_last_ones_come_with_a_warning(site: Site, visitor: Visitor, alice: Person) -> None:
    for code in alice.recovery_codes[:6]:
        owing(site, alice).give_recovery_code(code)

    last = site.mails()[-1] if "recovery code" in site.mails()[-1].subject else site.mails()[-2]
    assert "make new codes now: few are left" in last.text
    assert "Few are left" in visitor.get(RECOVERY_CODES, status=200).text


@pytest.mark.attack("P-051")
def test_the_very_last_one_says_that_none_is_left(
    site: Site, visitor: Visitor, alice: Person
) -> None:
    site.change("UPDATE recovery_codes SET redeemed_at = created_at")
    site.change(
        "UPDATE recovery_codes SET redeemed_at = NULL WHERE id = "
        "(SELECT id FROM recovery_codes ORDER BY id LIMIT 1)"
    )

    owing(site, alice).give_recovery_code(alice.recovery_codes[0])

    (mail,) = [mail for mail in site.mails() if "recovery code was used" in mail.subject]
    assert "make new codes now: none is left" in mail.text
    assert "make new codes now: none is left" in mail.html


@pytest.mark.attack("P-049")
def test_wrong_codes_of_both_kinds_share_a_budget(
    site: Site, visitor: Visitor, alice: Person
) -> None:
    someone = owing(site, alice)
    for _attempt in range(2):
        someone.give_code(alice.wrong_code(), status=422)
    for _attempt in range(3):
        someone.give_recovery_code("0000-0000-0000-0000-0000-0000", status=422)

    someone.give_recovery_code(alice.recovery_codes[0], status=429)

    assert site.value(USED) == 0


@pytest.mark.attack("P-053")
def test_a_code_without_a_password_is_nothing(
    site: Site, visitor: Visitor, alice: Person, mallory: Person
) -> None:
    stranger, thief = site.visitor(), owing(site, mallory)

    stranger.post_form(RECOVERY_CODE, {"recovery_code_value": alice.recovery_codes[0]}, status=303)
    thief.post_form(RECOVERY_CODE, {"recovery_code_value": alice.recovery_codes[0]}, status=422)

    assert site.value(USED) == 0
    stranger.get("/manage/account/", status=303)
    thief.get("/manage/account/", status=303)


def test_a_session_by_recovery_code_is_reduced(site: Site, visitor: Visitor, alice: Person) -> None:
    owing(site, alice).give_recovery_code(alice.recovery_codes[0])

    assert site.value("SELECT is_reduced FROM sessions WHERE factor = 'recovery'")


def test_codes_alone_are_no_factor(site: Site, visitor: Visitor, alice: Person) -> None:
    site.change("DELETE FROM totp_applications")

    answer = owing(site, alice).get("/manage/account/", status=303)

    assert "/manage/account/two-factor/" in answer.location


def test_a_lost_phone_is_replaced_without_a_gap(
    site: Site, visitor: Visitor, alice: Person
) -> None:
    someone = owing(site, alice)
    someone.give_recovery_code(alice.recovery_codes[0])

    someone.enroll_totp(alice, label="New phone")
    page = someone.get("/manage/account/two-factor/", status=200)
    remove = page.html.select_one(".credential-actions a[href$='/delete']")["href"]
    someone.form(remove, "factor-remove-form").submit(status=303)

    (label,) = site.rows("SELECT label FROM totp_applications")
    assert label == ("New phone",)


# The key they hang on


def test_dropping_their_key_ends_them_and_tells_their_owner(
    site: Site, rotated: Site, alice: Person
) -> None:
    with rotated.scope() as request:
        revoked = request.find_service(IKeyService).revoke("test")

    assert revoked["recovery_codes"] == 8
    assert site.value("SELECT count(*) FROM recovery_codes") == 0
    assert site.tags().count("account:recovery-codes:revoked") == 1
    assert "Your recovery codes do not work any more" in [mail.subject for mail in site.mails()]


def test_they_work_with_an_older_key_of_the_ring(site: Site, rotated: Site, alice: Person) -> None:
    owing(rotated, alice).give_recovery_code(alice.recovery_codes[0])

    assert site.value(USED) == 1
