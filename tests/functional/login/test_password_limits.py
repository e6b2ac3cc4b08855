"""Guessing passwords: how often, for whom, and what the refusal tells."""

import pytest
from webtest import TestResponse

from tests.common.answers import Face, face
from tests.common.jars import copy_cookies
from tests.common.people import Person
from tests.common.site import Site
from tests.common.visitor import Visitor
from tests.common.watching import hashes

LOGIN = "/account/login/"
ALLOWED = 10  # in five minutes, per name and per network address
WAITS = [60, 120, 240, 480, 900, 900]  # before each attempt after them


def attempt(
    site: Site,
    name: str,
    address: str,
    password: str = "wrong horse",
    visitor: Visitor | None = None,
) -> TestResponse:
    visitor = visitor or site.visitor(address=address)
    form = visitor.form(LOGIN, "login-form")
    form["username"], form["password"] = name, password
    return form.submit(status="*")


def exhaust(site: Site, name: str, network: str = "198.51.100") -> None:
    """Use up the budget of a name, from as many addresses."""
    visitor = site.visitor()
    fields = {"username": name, "password": "wrong horse", "csrf_token": visitor.csrf_token(LOGIN)}
    for n in range(ALLOWED):
        visitor.post(LOGIN, fields, extra_environ={"REMOTE_ADDR": f"{network}.{n}"}, status=422)


def waits_between_failures(site: Site, name: str) -> list[int]:
    """Fail again whenever it is possible; return the seconds to wait before each."""
    found = []
    for n in range(len(WAITS)):
        found.append(int(attempt(site, name, "203.0.113.1").headers["Retry-After"]))
        site.clock.advance(seconds=found[-1])
        assert attempt(site, name, f"203.0.113.{2 + n}").status_int == 422
    return found


def limited(site: Site, name: str, address: str = "203.0.113.77") -> Face:
    answer = attempt(site, name, address)
    assert answer.status_int == 429
    return face(answer, name)


@pytest.mark.attack("P-003")
def test_a_name_is_guessed_ten_times_whatever_the_address(
    site: Site, user_with_totp: Person
) -> None:
    exhaust(site, "alice")

    refused = attempt(site, "alice", "203.0.113.1")

    assert refused.status_int == 429
    assert refused.headers["Retry-After"] == "60"
    assert site.tags().count("account:password:failed") == ALLOWED


SPELLINGS = [
    ["alice", "ALICE", " alice ", "aLiCe", "Alice  "],
    ["nobody", "NOBODY", " nobody ", "nObOdY", "Nobody  "],
    [
        "alice@example.org",
        "Alice@EXAMPLE.org",
        " alice@example.org",
        "ALICE@example.ORG",
        "alice@Example.Org ",
    ],
    [
        "x@bücher.example",
        "X@xn--bcher-kva.example",
        "x@BÜCHER.example",
        " x@bücher.example",
        "x@XN--bcher-kva.EXAMPLE",
    ],
]


@pytest.mark.attack("P-003")
@pytest.mark.parametrize("spellings", SPELLINGS, ids=["name", "no name", "address", "no address"])
def test_all_spellings_of_a_name_are_one_budget(
    site: Site, user_with_totp: Person, spellings: list[str]
) -> None:
    for n, name in enumerate(spellings * 2):
        assert attempt(site, name, f"198.51.100.{n}").status_int == 422

    for n, name in enumerate(spellings):
        assert attempt(site, name, f"203.0.113.{n}").status_int == 429


@pytest.mark.attack("P-005")
@pytest.mark.parametrize("first", [0, 1])
def test_the_budgets_do_not_tell_that_a_name_and_an_address_are_one_account(
    site: Site, user_with_totp: Person, mallory: Person, first: int
) -> None:
    pairs = [
        ("alice", "alice@example.org"),
        ("alice", "mallory@example.org"),
        ("mallory", "nobody@example.org"),
        ("nobody", "nobody@example.org"),
    ]
    faces = []
    for n, pair in enumerate(pairs):
        exhausted, other = pair[first], pair[1 - first]
        exhaust(site, exhausted, f"10.0.{n}")
        faces.append(face(attempt(site, other, f"203.0.113.{n}"), other))
        site.clock.advance(days=2)

    assert set(faces) == {faces[0]}
    assert faces[0].status == 422


@pytest.mark.attack("P-006")
def test_a_stranger_who_uses_up_one_name_leaves_the_other_to_its_owner(
    site: Site, user_with_totp: Person
) -> None:
    exhaust(site, "alice@example.org")

    assert attempt(site, "alice", "203.0.113.1", user_with_totp.password).status_int == 303


@pytest.mark.attack("P-003")
def test_the_right_password_is_refused_without_hashing_while_it_lasts(
    site: Site, user_with_totp: Person
) -> None:
    exhaust(site, "alice")

    with hashes() as computed:
        refused = attempt(site, "alice", "203.0.113.1", user_with_totp.password)

    assert refused.status_int == 429
    assert computed == []
    assert site.rows("SELECT * FROM pending_logins WHERE completed_at IS NULL")[1:] == []


@pytest.mark.attack("P-003")
def test_when_the_time_is_over_the_right_password_works(
    site: Site, visitor: Visitor, user_with_totp: Person
) -> None:
    exhaust(site, "alice")
    wait = int(attempt(site, "alice", "203.0.113.1").headers["Retry-After"])
    site.clock.advance(seconds=wait)

    visitor.give_password(user_with_totp)

    assert site.tags()[-1] == "account:password:accepted"


@pytest.mark.attack("P-003")
def test_each_further_guess_waits_longer_than_the_one_before(
    site: Site, user_with_totp: Person
) -> None:
    exhaust(site, "alice")

    assert waits_between_failures(site, "alice") == WAITS


@pytest.mark.attack("P-003")
def test_waiting_for_another_window_is_no_way_around_the_delays(
    site: Site, user_with_totp: Person
) -> None:
    exhaust(site, "alice")
    site.clock.advance(hours=1)
    site.run_task("rate_limiting.purge")

    answers = [attempt(site, "alice", f"203.0.113.{n}").status_int for n in range(5)]

    assert answers == [422, 429, 429, 429, 429]


@pytest.mark.attack("P-003")
def test_guesses_that_stay_below_the_limit_are_fifty_a_day(
    site: Site, user_with_totp: Person
) -> None:
    taken = 0
    for round_ in range(8):
        for n in range(ALLOWED - 1):
            answer = attempt(site, "alice", f"10.0.{round_}.{n}")
            taken += answer.status_int == 422
        site.clock.advance(minutes=5)

    # Each of the last windows began after the delay was over, and had room for one.
    assert taken == 50 + 2


@pytest.mark.attack("P-003")
def test_a_right_password_during_the_delays_costs_nothing(
    site: Site, user_with_totp: Person
) -> None:
    exhaust(site, "alice")
    site.clock.advance(minutes=1)

    answers = [
        attempt(site, "alice", f"203.0.113.{n}", user_with_totp.password).status_int
        for n in range(3)
    ]

    assert answers == [303] * 3


@pytest.mark.attack("P-003")
def test_refusals_beyond_the_limit_are_one_event_and_one_mail(
    site: Site, user_with_totp: Person
) -> None:
    exhaust(site, "alice")
    before = len(site.mails(to="alice@example.org"))

    for n in range(5):
        attempt(site, "alice", f"203.0.113.{n}")

    assert site.tags().count("account:password:limited") == 1
    assert len(site.mails(to="alice@example.org")) == before + 1
    assert site.value("SELECT max(refused) FROM attempt_counters") == 5


def test_a_right_password_does_not_use_up_the_budget(site: Site, user_with_totp: Person) -> None:
    for n in range(ALLOWED + 2):
        assert attempt(site, "alice", f"198.51.100.{n}", user_with_totp.password).status_int == 303


def test_a_right_password_does_not_forgive_wrong_ones(site: Site, user_with_totp: Person) -> None:
    for n in range(ALLOWED):
        attempt(site, "alice", f"198.51.100.{n}")
        if n < ALLOWED - 1:
            attempt(site, "alice", f"203.0.113.{n}", user_with_totp.password)

    assert attempt(site, "alice", "203.0.113.99").status_int == 429


@pytest.mark.attack("P-004")
def test_an_address_guesses_ten_times_whatever_the_name(site: Site, user_with_totp: Person) -> None:
    person = site.person("bob")
    names = ["alice", "bob", *(f"nobody{n}" for n in range(30))]

    answers = [attempt(site, name, "198.51.100.1") for name in names]

    assert [answer.status_int for answer in answers] == [422] * ALLOWED + [429] * 22
    assert attempt(site, "bob", "198.51.100.1", person.password).status_int == 429
    assert attempt(site, "bob", "198.51.100.2", person.password).status_int == 303


@pytest.mark.attack("P-004")
def test_an_attacker_with_an_account_does_not_shorten_the_delays_of_an_address(
    site: Site, user_with_totp: Person, mallory: Person
) -> None:
    found = []
    for n in range(ALLOWED):
        attempt(site, f"nobody{n}", "198.51.100.1")
    for n in range(4):
        found.append(int(attempt(site, "alice", "198.51.100.1").headers["Retry-After"]))
        site.clock.advance(seconds=found[-1])
        for _ in range(3):
            own = attempt(site, "mallory", "198.51.100.1", mallory.password)
            assert own.status_int == 303
        assert attempt(site, f"nobody{n}", "198.51.100.1").status_int == 422

    assert found == WAITS[:4]


@pytest.mark.attack("P-004")
def test_a_limited_address_learns_nothing_about_names(site: Site, user_with_totp: Person) -> None:
    for n in range(ALLOWED):
        attempt(site, f"nobody{n}", "198.51.100.1")

    names = ("alice", "nobody42", "al!ce", "alice@example.org", "a@b")
    faces = {limited(site, name, "198.51.100.1") for name in names}

    assert len(faces) == 1


@pytest.mark.attack("P-004")
def test_a_limited_address_does_not_use_up_the_budget_of_an_account(
    site: Site, user_with_totp: Person
) -> None:
    for n in range(ALLOWED):
        attempt(site, f"nobody{n}", "198.51.100.1")
    for _ in range(ALLOWED):
        limited(site, "alice", "198.51.100.1")

    answer = attempt(site, "alice", "198.51.100.2", user_with_totp.password)

    assert answer.status_int == 303


@pytest.mark.attack("P-005")
def test_a_limited_name_is_refused_alike_whether_it_exists_or_not(
    site: Site, user_with_totp: Person, user_unverified: Person
) -> None:
    names = ["alice", "nobody42", "erin", "al!ce", "erin@example.org", "nobody@example.org"]
    for n, name in enumerate(names):
        exhaust(site, name, f"10.0.{n}")

    faces = {limited(site, name, f"203.0.113.{n}") for n, name in enumerate(names)}

    assert len(faces) == 1


@pytest.mark.attack("P-005")
def test_the_delays_of_a_name_that_nobody_has_are_the_same(
    site: Site, user_with_totp: Person
) -> None:
    exhaust(site, "nobody42")

    assert waits_between_failures(site, "nobody42") == WAITS


@pytest.mark.attack("P-005")
def test_the_wait_does_not_tell_that_somebody_has_just_logged_in(
    site: Site, visitor: Visitor, user_with_totp: Person
) -> None:
    visitor.log_in(user_with_totp)
    site.clock.advance(minutes=2)
    exhaust(site, "alice", "10.0.1")
    exhaust(site, "nobody42", "10.0.2")

    waits = {
        attempt(site, name, "203.0.113.1").headers["Retry-After"] for name in ("alice", "nobody42")
    }

    assert waits == {"60"}


@pytest.mark.attack("P-005")
def test_the_counters_hold_no_names(site: Site) -> None:
    attempt(site, "nobody42", "198.51.100.1")

    assert "nobody42" not in str(site.rows("SELECT * FROM attempt_counters"))


@pytest.mark.attack("P-006")
def test_somebody_gets_in_from_a_known_device_while_strangers_guess(
    site: Site, visitor: Visitor, user_with_totp: Person
) -> None:
    visitor.log_in(user_with_totp)
    visitor.form("/account/logout/", "logout-form").submit(status=303)
    exhaust(site, "alice")
    site.clock.advance(seconds=60)

    visitor.log_in(user_with_totp)

    assert site.tags()[-1] == "account:login:completed"


@pytest.mark.attack("P-006")
def test_somebody_gets_in_from_a_known_device_at_the_height_of_the_delays(
    site: Site, visitor: Visitor, user_with_totp: Person
) -> None:
    visitor.log_in(user_with_totp)
    visitor.form("/account/logout/", "logout-form").submit(status=303)
    exhaust(site, "alice")
    waits_between_failures(site, "alice")

    visitor.log_in(user_with_totp)

    assert site.tags()[-1] == "account:login:completed"


@pytest.mark.attack("P-006")
def test_elsewhere_somebody_waits_a_quarter_of_an_hour_at_most(
    site: Site, visitor: Visitor, user_with_totp: Person
) -> None:
    exhaust(site, "alice")
    waits_between_failures(site, "alice")
    for n in range(30):
        limited(site, "alice", f"203.0.113.{n}")

    site.clock.advance(minutes=15)
    visitor.log_in(user_with_totp)

    assert site.tags()[-1] == "account:login:completed"


@pytest.mark.attack("P-006")
def test_a_known_device_is_known_for_its_own_account_only(
    site: Site, visitor: Visitor, user_with_totp: Person, mallory: Person
) -> None:
    visitor.log_in(mallory)
    device = copy_cookies(visitor, site.visitor(address="203.0.113.5"), "device")
    exhaust(site, "alice")

    refused = attempt(site, "alice", "", user_with_totp.password, device)

    assert refused.status_int == 429


@pytest.mark.attack("P-006")
def test_guesses_on_a_known_device_are_limited_too(
    site: Site, visitor: Visitor, user_with_totp: Person
) -> None:
    visitor.log_in(user_with_totp)
    visitor.form("/account/logout/", "logout-form").submit(status=303)
    for _ in range(ALLOWED):
        assert attempt(site, "alice", "", visitor=visitor).status_int == 422

    refused = attempt(site, "alice", "", user_with_totp.password, visitor)

    assert refused.status_int == 429


@pytest.mark.attack("P-006")
def test_a_person_is_told_once_a_day_that_strangers_guess(
    site: Site, user_with_totp: Person
) -> None:
    before = len(site.mails(to="alice@example.org"))

    exhaust(site, "alice")
    for _ in range(3):
        limited(site, "alice")
        site.clock.advance(minutes=15)
        attempt(site, "alice", "203.0.113.78")
    today = len(site.mails(to="alice@example.org"))
    site.clock.advance(days=2)
    exhaust(site, "alice")
    limited(site, "alice")

    assert (today, len(site.mails(to="alice@example.org"))) == (before + 1, before + 2)
