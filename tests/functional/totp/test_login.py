"""Logging in with a code: which steps are taken, and that each is taken once."""

import pytest

from tests.common.people import Person
from tests.common.site import Site
from tests.common.visitor import TWO_FACTOR, Visitor

LAST_STEPS = "SELECT label, last_step FROM totp_applications ORDER BY id"
WRONG = "This code is not right. Enter the one the app shows now."
SPENT = "This code was already used. Wait for the next one."


def step_now(site: Site) -> int:
    return int(site.clock.now().timestamp()) // 30


def is_logged_in(visitor: Visitor) -> bool:
    return bool(visitor.get("/manage/account/").status_int == 200)


def what_is_wrong(page: object) -> str:
    return str(page.html.select_one(".error-summary li").text)  # type: ignore[attr-defined]


@pytest.mark.attack("P-032")
@pytest.mark.parametrize("steps", [-1, 0, 1])
def test_the_codes_of_three_steps_are_taken(
    site: Site, visitor: Visitor, user_with_totp: Person, steps: int
) -> None:
    visitor.give_password(user_with_totp)

    visitor.give_code(user_with_totp.code(steps))

    assert is_logged_in(visitor)
    assert site.rows(LAST_STEPS) == [("Phone", step_now(site) + steps)]


@pytest.mark.attack("P-032")
@pytest.mark.parametrize("steps", [-20, -3, -2, 2, 3, 20])
def test_other_codes_are_refused_like_any_wrong_one(
    site: Site, visitor: Visitor, user_with_totp: Person, steps: int
) -> None:
    before = site.rows(LAST_STEPS)
    visitor.give_password(user_with_totp)

    page = visitor.give_code(user_with_totp.code(steps), status=422)

    assert what_is_wrong(page) == WRONG
    assert not is_logged_in(visitor)
    assert site.rows(LAST_STEPS) == before


@pytest.mark.attack("P-032")
def test_a_step_ends_on_its_last_second(
    site: Site, visitor: Visitor, user_with_totp: Person
) -> None:
    site.clock.advance(seconds=22)  # 12:00:07 and 90 seconds: the last second but one of a step
    code = user_with_totp.code()
    site.clock.advance(seconds=30)
    visitor.give_password(user_with_totp)
    site.clock.advance(seconds=1)

    visitor.give_code(code, status=422)
    visitor.give_code(user_with_totp.code(-1))

    assert is_logged_in(visitor)


def test_blanks_in_a_code_are_forgiven(visitor: Visitor, user_with_totp: Person) -> None:
    code = user_with_totp.code()
    visitor.give_password(user_with_totp)

    visitor.give_code(f" {code[:3]} {code[3:]}\u00a0")

    assert is_logged_in(visitor)


@pytest.mark.parametrize(
    "value",
    [
        "",
        "null",
        "[]",
        "12345",
        "1234567",
        "-12345",
        "1e5",
        "0x1234",
        "12345\uff16",
        "9" * 33,
        "1" * 9_000,
    ],
    ids=["empty", "null", "list", "5", "7", "minus", "float", "hex", "fullwidth", "33", "9000"],
)
@pytest.mark.attack("P-025")
def test_what_is_no_code_is_refused(
    site: Site, visitor: Visitor, user_with_totp: Person, value: str
) -> None:
    visitor.give_password(user_with_totp)

    visitor.give_code(value, status=422)

    assert not is_logged_in(visitor)
    assert "account:login:completed" not in site.tags()


@pytest.mark.attack("P-025")
@pytest.mark.parametrize(
    ("field", "status"), [("totp_value[]=123456", 422), ("totp_value=%00", 400), ("", 422)]
)
def test_a_missing_or_odd_field_is_refused(
    site: Site, visitor: Visitor, user_with_totp: Person, field: str, status: int
) -> None:
    visitor.give_password(user_with_totp)
    token = visitor.csrf_token(TWO_FACTOR)

    visitor.post(TWO_FACTOR, f"csrf_token={token}&{field}", status=status)

    assert not is_logged_in(visitor)


# Once


@pytest.mark.attack("P-033")
def test_a_code_that_logged_in_is_spent(
    site: Site, visitor: Visitor, user_with_totp: Person
) -> None:
    code = user_with_totp.code()
    visitor.give_password(user_with_totp)
    visitor.give_code(code)
    thief = site.visitor()
    thief.give_password(user_with_totp)

    page = thief.give_code(code, status=422)

    assert what_is_wrong(page) == SPENT
    assert not is_logged_in(thief)
    assert site.tags()[-1] == "account:factor:failed"


@pytest.mark.attack("P-033")
def test_the_code_that_enrolled_is_spent(
    site: Site, visitor: Visitor, user_without_factor: Person
) -> None:
    setting_up = site.visitor()
    setting_up.give_password(user_without_factor)
    setting_up.enroll_totp(user_without_factor)
    visitor.give_password(user_without_factor)

    page = visitor.give_code(user_without_factor.code(), status=422)

    assert what_is_wrong(page) == SPENT
    assert not is_logged_in(visitor)


@pytest.mark.attack("P-033")
def test_a_step_before_the_last_one_is_spent(
    site: Site, visitor: Visitor, user_with_totp: Person
) -> None:
    visitor.give_password(user_with_totp)
    visitor.give_code(user_with_totp.code(1))
    other = site.visitor()
    other.give_password(user_with_totp)

    page = other.give_code(user_with_totp.code(0), status=422)

    assert what_is_wrong(page) == SPENT
    assert site.rows(LAST_STEPS) == [("Phone", step_now(site) + 1)]


def test_a_spent_code_is_spent_when_the_clock_steps_back(
    site: Site, visitor: Visitor, user_with_totp: Person
) -> None:
    code = user_with_totp.code()
    visitor.give_password(user_with_totp)
    visitor.give_code(code)
    site.clock.advance(seconds=-30)
    other = site.visitor()
    other.give_password(user_with_totp)

    other.give_code(code, status=422)
    other.give_code(user_with_totp.code(), status=422)

    assert not is_logged_in(other)


def test_the_next_code_logs_in_again(site: Site, visitor: Visitor, user_with_totp: Person) -> None:
    visitor.log_in(user_with_totp)
    site.clock.advance(seconds=30)
    other = site.visitor()

    other.log_in(user_with_totp)

    assert is_logged_in(other)


def test_a_wrong_code_spends_nothing(site: Site, visitor: Visitor, user_with_totp: Person) -> None:
    visitor.give_password(user_with_totp)

    visitor.give_code(user_with_totp.wrong_code(), status=422)
    visitor.give_code(user_with_totp.code())

    assert is_logged_in(visitor)


def test_the_page_of_a_refused_code_does_not_repeat_it(
    visitor: Visitor, user_with_totp: Person
) -> None:
    code = user_with_totp.wrong_code()
    visitor.give_password(user_with_totp)

    page = visitor.give_code(code, status=422)

    assert page.forms["totp-auth-form"]["totp_value"].value == ""
    assert code not in page.text


# Several applications


@pytest.fixture
def user_with_two_apps(site: Site, user_with_totp: Person) -> Person:
    """Alice, who has put a second app on her tablet."""
    setting_up = site.visitor()
    setting_up.log_in(user_with_totp)
    site.clock.advance(seconds=60)
    setting_up.enroll_totp(user_with_totp, "Tablet")
    site.clock.advance(seconds=60)
    return user_with_totp


@pytest.mark.parametrize("application", [0, 1])
def test_a_code_of_any_app_logs_in_and_moves_its_own_step_only(
    site: Site, visitor: Visitor, user_with_two_apps: Person, application: int
) -> None:
    before = site.rows(LAST_STEPS)
    visitor.give_password(user_with_two_apps)

    visitor.give_code(user_with_two_apps.code(application=application))

    after = site.rows(LAST_STEPS)
    assert is_logged_in(visitor)
    assert after[application][1] == step_now(site)
    assert after[1 - application] == before[1 - application]


def test_two_apps_may_spend_the_same_step(
    site: Site, visitor: Visitor, user_with_two_apps: Person
) -> None:
    visitor.give_password(user_with_two_apps)
    visitor.give_code(user_with_two_apps.code(application=0))
    other = site.visitor()
    other.give_password(user_with_two_apps)

    other.give_code(user_with_two_apps.code(application=1))

    assert is_logged_in(visitor)
    assert is_logged_in(other)


@pytest.mark.attack("P-033")
@pytest.mark.parametrize("application", [0, 1])
def test_the_code_of_any_app_is_spent_once_used(
    site: Site, visitor: Visitor, user_with_two_apps: Person, application: int
) -> None:
    code = user_with_two_apps.code(application=application)
    visitor.give_password(user_with_two_apps)
    visitor.give_code(code)
    other = site.visitor()
    other.give_password(user_with_two_apps)

    other.give_code(code, status=422)

    assert not is_logged_in(other)


def test_the_page_says_when_an_app_was_last_used(
    visitor: Visitor, user_with_two_apps: Person
) -> None:
    visitor.give_password(user_with_two_apps)
    visitor.give_code(user_with_two_apps.code(application=1))

    page = visitor.get("/manage/account/two-factor/", status=200)
    uses = [item.text.split("Last used:")[1] for item in page.html.select(".factor-totp li")]
    assert len(uses) == 2
    assert "just now" in uses[1]
    assert uses[0] != uses[1]


def test_the_event_names_the_app(site: Site, visitor: Visitor, user_with_two_apps: Person) -> None:
    visitor.give_password(user_with_two_apps)
    visitor.give_code(user_with_two_apps.code(application=1))

    facts = site.value("SELECT facts FROM events ORDER BY id DESC LIMIT 1")
    assert "Tablet" in str(facts)
    assert user_with_two_apps.code(application=1) not in str(facts)


# Guessing


def guess(site: Site, person: Person, address: str = "192.0.2.1", **headers: str) -> int:
    """Give the right password and a wrong code in a new jar; return the status."""
    stranger = site.visitor(address=address)
    stranger.extra_environ.update(headers)
    stranger.give_password(person)
    token = stranger.csrf_token(TWO_FACTOR)
    fields = {"totp_value": person.wrong_code(), "csrf_token": token}
    return int(stranger.post(TWO_FACTOR, fields, expect_errors=True).status_int)


@pytest.mark.attack("P-035")
def test_guesses_over_fresh_sessions_end_after_five(site: Site, user_with_totp: Person) -> None:
    statuses = [guess(site, user_with_totp) for _ in range(8)]

    assert statuses == [422] * 5 + [429] * 3
    assert site.tags().count("account:factor:failed") == 5
    assert site.tags().count("account:factor:limited") == 1


@pytest.mark.attack("P-035")
def test_the_right_code_is_refused_while_the_budget_is_spent(
    site: Site, visitor: Visitor, user_with_totp: Person
) -> None:
    for _ in range(5):
        guess(site, user_with_totp)
    visitor.give_password(user_with_totp)

    page = visitor.give_code(user_with_totp.code(), status=429)

    assert 0 < int(page.headers["Retry-After"]) <= 300
    assert not is_logged_in(visitor)


def test_one_code_too_many_is_told_in_a_title_and_a_sentence_that_does_not_repeat_it(
    site: Site, visitor: Visitor, user_with_totp: Person
) -> None:
    for _ in range(5):
        guess(site, user_with_totp)
    visitor.give_password(user_with_totp)

    page = visitor.give_code(user_with_totp.code(), status=429)

    title, sentence = page.html.select_one("h1").text, page.html.select_one("h1 + p").text
    assert title == "Too many attempts"
    assert title not in sentence
    assert sentence.endswith("Try again in 5 minutes.")


@pytest.mark.attack("P-035")
def test_the_right_code_is_taken_again_when_the_budget_is_back(
    site: Site, visitor: Visitor, user_with_totp: Person
) -> None:
    for _ in range(6):
        guess(site, user_with_totp)
    site.clock.advance(minutes=5, seconds=1)

    visitor.log_in(user_with_totp)

    assert is_logged_in(visitor)


@pytest.mark.attack("P-035")
def test_a_key_logs_in_while_the_budget_of_codes_is_spent(site: Site, visitor: Visitor) -> None:
    carol = site.person("carol", totp=True, key=True)
    for _ in range(6):
        guess(site, carol)
    visitor.give_password(carol)

    visitor.give_key(carol)

    assert is_logged_in(visitor)


@pytest.mark.attack("P-035")
@pytest.mark.parametrize(("minutes_between", "most"), [(6, 20), (63, 50)], ids=["hour", "day"])
def test_guesses_add_up_over_longer_windows(
    site: Site, user_with_totp: Person, minutes_between: int, most: int
) -> None:
    statuses: list[int] = []
    while 429 not in statuses:
        statuses += [
            guess(site, user_with_totp, address=f"198.51.100.{len(statuses)}") for _ in range(5)
        ]
        site.clock.advance(minutes=minutes_between)

    assert statuses.count(422) == most


@pytest.mark.attack("P-036")
@pytest.mark.parametrize(
    "header",
    [
        "HTTP_X_FORWARDED_FOR",
        "HTTP_FORWARDED",
        "HTTP_X_REAL_IP",
        "HTTP_CLIENT_IP",
        "HTTP_TRUE_CLIENT_IP",
        "HTTP_CF_CONNECTING_IP",
    ],
)
def test_guesses_with_made_up_addresses_end_after_five(
    site: Site, user_with_totp: Person, header: str
) -> None:
    prefix = "for=" if header == "HTTP_FORWARDED" else ""

    statuses = [
        guess(site, user_with_totp, **{header: f"{prefix}198.51.100.{n}"}) for n in range(7)
    ]

    assert statuses == [422] * 5 + [429] * 2


@pytest.mark.attack("P-036")
def test_guesses_from_other_addresses_end_after_five(site: Site, user_with_totp: Person) -> None:
    statuses = [guess(site, user_with_totp, address=f"127.0.0.{n}") for n in range(2, 9)]

    assert statuses == [422] * 5 + [429] * 2


@pytest.mark.attack("P-036")
def test_guesses_at_many_accounts_from_one_address_end_after_ten(site: Site) -> None:
    people = [site.person(f"person{n}", totp=True) for n in range(12)]

    statuses = [guess(site, person, address="198.51.100.7") for person in people]

    assert statuses == [422] * 10 + [429] * 2
