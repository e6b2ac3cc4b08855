"""Sessions and known browsers: listed, and ended by whose they are."""

from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.common.jars import at_once, copy_cookies
from tests.common.people import Person
from tests.common.site import Site
from tests.common.tables import dump
from tests.common.visitor import Visitor
from tests.common.watching import statements

PAGE = "/manage/account/sessions/"
LANDING = "/manage/account/"
LOGIN = "/account/login/"
LINUX = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit Version/19 Safari/604"


@pytest.fixture
def alice(site: Site, user_with_totp: Person) -> Person:
    return user_with_totp


@pytest.fixture
def desk(site: Site, alice: Person) -> Visitor:
    """Alice at her desk, logged in."""
    visitor = site.visitor(address="198.51.100.9", agent=LINUX)
    visitor.log_in(alice)
    site.clock.advance(seconds=60)
    return visitor


@pytest.fixture
def phone(site: Site, alice: Person, desk: Visitor) -> Visitor:
    """Alice on her way, logged in after she left the desk."""
    visitor = site.visitor(address="2001:db8::7", agent=PHONE)
    visitor.log_in(alice)
    site.clock.advance(seconds=60)
    return visitor


def lines_on(page: Any, id: str) -> list[str]:
    return [" ".join(line.get_text(" ").split()) for line in page.html.select(f"#{id} > li")]


def press(visitor: Visitor, path: str, status: int = 303) -> Any:
    return visitor.post(path, {"csrf_token": visitor.csrf_token(PAGE)}, status=status)


def paths_on(page: Any, id: str) -> list[str]:
    return [form["action"] for form in page.html.select(f"#{id} form")]


# What it says


def test_sessions_are_listed_with_browser_place_and_factor_this_one_marked(
    desk: Visitor, phone: Visitor
) -> None:
    page = desk.get(PAGE, status=200)

    of_phone, of_desk = lines_on(page, "sessions")[:2]
    assert of_phone.startswith("Safari on iOS Network address: 2001:db8::7 Second factor: Auth")
    assert of_desk.startswith(
        "Firefox on Linux The one you are using Network address: 198.51.100.9"
    )
    assert len(paths_on(page, "sessions")) == len(lines_on(page, "sessions")) - 1


def test_the_address_is_that_of_the_last_use(site: Site, desk: Visitor, phone: Visitor) -> None:
    moved = copy_cookies(phone, site.visitor(address="203.0.113.44", agent=PHONE))
    moved.get(LANDING, status=200)

    page = desk.get(PAGE, status=200)

    assert "Network address: 203.0.113.44" in lines_on(page, "sessions")[0]


def test_known_browsers_are_listed_this_one_marked(desk: Visitor, phone: Visitor) -> None:
    page = phone.get(PAGE, status=200)

    of_phone, of_desk = lines_on(page, "devices")[:2]
    assert of_phone.startswith("Safari on iOS The one you are using Network address: 2001:db8::7")
    assert of_desk.startswith("Firefox on Linux Network address: 198.51.100.9")


def test_what_is_over_is_not_listed(site: Site, desk: Visitor, phone: Visitor) -> None:
    site.clock.advance(minutes=40)
    desk.get(LANDING, status=200)
    site.clock.advance(minutes=30)

    page = desk.get(PAGE, status=200)

    assert len(lines_on(page, "sessions")) == 1


@pytest.mark.attack("P-102")
def test_a_browser_cannot_write_a_sentence_here(site: Site, alice: Person) -> None:
    visitor = site.visitor(agent="Your account is lost: call evil.example <b>Firefox</b>\x00")
    visitor.log_in(alice)

    page = visitor.get(PAGE, status=200)

    assert lines_on(page, "sessions")[0].startswith("Unknown program The one you are using")
    assert "evil.example" not in page


def test_nobody_sees_what_is_somebody_elses(site: Site, desk: Visitor, mallory: Person) -> None:
    other = site.visitor()
    other.log_in(mallory)

    page = other.get(PAGE, status=200)

    assert "198.51.100.9" not in page
    assert "Firefox" not in page


# Ending


def test_a_session_is_ended_at_once_and_recorded_once(
    site: Site, desk: Visitor, phone: Visitor
) -> None:
    before = len(site.tags())
    path = paths_on(desk.get(PAGE), "sessions")[0]

    page = press(desk, path).follow(status=200)

    assert "The session has ended." in page
    assert LOGIN in phone.get(LANDING, status=303).location
    desk.get(LANDING, status=200)
    assert site.tags()[before:] == ["account:session:ended"]


def test_a_session_that_changed_its_id_meanwhile_is_ended_all_the_same(
    site: Site, desk: Visitor, phone: Visitor, alice: Person
) -> None:
    path = paths_on(desk.get(PAGE), "sessions")[0]
    phone.step_up(alice)

    press(desk, path)

    assert LOGIN in phone.get(LANDING, status=303).location


def test_all_others_are_ended_and_this_one_is_not(
    site: Site, desk: Visitor, phone: Visitor
) -> None:
    before = len(site.tags())

    page = desk.form(PAGE, "end-others-form").submit(status=303).follow(status=200)

    assert "other session" in page.html.select_one(".flashes").text
    assert LOGIN in phone.get(LANDING, status=303).location
    assert len(lines_on(page, "sessions")) == 1
    assert "end-others-form" not in page.forms
    assert site.tags()[before:] == ["account:session:others-ended"]


def test_ending_others_when_there_are_none_is_no_event(site: Site, alice: Person) -> None:
    visitor = site.visitor()
    visitor.log_in(alice)
    visitor.form(PAGE, "end-others-form").submit(status=303)
    before = site.tags()

    page = press(visitor, f"{PAGE}end-others").follow(status=200)

    assert "0 other sessions have ended." in page
    assert site.tags() == before


def test_a_session_that_proved_nothing_lately_may_end_others(
    site: Site, desk: Visitor, phone: Visitor
) -> None:
    path = paths_on(desk.get(PAGE), "sessions")[0]
    site.clock.advance(minutes=40)

    press(desk, path)

    assert LOGIN in phone.get(LANDING, status=303).location


def test_a_session_ended_many_times_at_once_is_ended_once(
    site: Site, desk: Visitor, phone: Visitor
) -> None:
    path, token = paths_on(desk.get(PAGE), "sessions")[0], desk.csrf_token(PAGE)
    tabs = [copy_cookies(desk, site.visitor()) for _ in range(8)]

    answers = at_once([partial(tab.post, path, {"csrf_token": token}, status="*") for tab in tabs])

    assert {answer.status_int for answer in answers} == {303}
    assert site.tags().count("account:session:ended") == 1


def test_two_who_end_all_others_at_once_leave_at_most_one(
    site: Site, desk: Visitor, phone: Visitor
) -> None:
    calls = [
        partial(one.post, f"{PAGE}end-others", {"csrf_token": one.csrf_token(PAGE)}, status="*")
        for one in (desk, phone)
    ]

    answers = at_once(calls)

    assert {answer.status_int for answer in answers} <= {303, 400}
    assert site.value("SELECT count(*) FROM sessions") <= 1


# Forgetting


def test_a_forgotten_browser_is_new_with_its_next_login(
    site: Site, desk: Visitor, phone: Visitor, alice: Person
) -> None:
    path = paths_on(desk.get(PAGE), "devices")[0]
    before = len(site.tags())

    page = press(desk, path).follow(status=200)

    assert "The browser is forgotten." in page
    assert "Safari" not in lines_on(page, "devices")[0]
    assert site.tags()[before:] == ["account:device:forgotten"]
    phone.form("/account/logout/", "logout-form").submit(status=303)
    mails = len(site.mails())
    phone.log_in(alice)
    assert [mail.subject for mail in site.mails()[mails:]] == [
        "A login to your account from a new browser"
    ]


def test_a_session_goes_on_when_its_browser_is_forgotten(desk: Visitor, phone: Visitor) -> None:
    press(desk, paths_on(desk.get(PAGE), "devices")[0])

    phone.get(LANDING, status=200)


# Somebody else's


@pytest.mark.parametrize("what", ["session", "device"])
def test_what_is_somebody_elses_stays(
    site: Site, desk: Visitor, mallory: Person, what: str
) -> None:
    other = site.visitor()
    other.log_in(mallory)
    site.clock.advance(seconds=60)
    other.get(LANDING)
    columns = {"session": ("family_id", "sessions"), "device": ("id", "known_devices")}
    column, table = columns[what]
    alices = [
        UUID(str(row[0]))
        for row in site.rows(
            f"SELECT {column} FROM {table} WHERE user_id ="
            " (SELECT id FROM users WHERE username = 'alice')"
        )
    ]
    paths = {"session": f"{PAGE}{{}}/end", "device": "/manage/account/devices/{}/forget"}
    before = dump(site)

    for id in [*alices, uuid4()]:
        press(other, paths[what].format(id))

    assert dump(site) == before


@pytest.mark.parametrize(
    "path", [f"{PAGE}1/end", f"{PAGE}%20/end", "/manage/account/devices/end-others/forget"]
)
def test_what_is_no_id_is_not_there(site: Site, desk: Visitor, path: str) -> None:
    press(desk, path, status=404)


@pytest.mark.parametrize("before", ["", "1", "x" * 100])
def test_a_place_that_is_none_is_not_found(desk: Visitor, before: str) -> None:
    desk.get(f"{PAGE}?before={before}", status=404)


# However many there are


def test_browsers_come_twenty_at_a_time(site: Site, desk: Visitor, alice: Person) -> None:
    know(site, 45)

    page, seen = desk.get(PAGE, status=200), []
    while True:
        seen += paths_on(page, "devices")
        older = page.html.find("a", string="Older")
        if older is None:
            break
        page = desk.get(older["href"], status=200)

    beyond = desk.get(f"{PAGE}?before={UUID(int=0)}", status=200)
    assert "There is nothing older." in beyond.text
    assert len(seen) == len(set(seen)) == site.value("SELECT count(*) FROM known_devices")


def know(site: Site, number: int) -> None:
    """Write rows of known browsers behind the application's back."""
    columns = "user_id, created_at, last_used_at, expires_at"
    for _ in range(number):
        id = uuid4()
        key = id.hex if site.settings.database_url.get_secret_value()[0] == "s" else id
        site.change(
            f"INSERT INTO known_devices (id, digest, {columns}) SELECT :id, :digest, {columns}"
            " FROM known_devices ORDER BY id LIMIT 1",
            id=key,
            digest=id.bytes,
        )


def test_the_page_costs_three_statements_however_much_there_is(
    site: Site, desk: Visitor, alice: Person
) -> None:
    costs = []
    for number in (0, 1, 30):
        know(site, number)
        for _ in range(number and 3):
            site.visitor().log_in(alice)
            site.clock.advance(seconds=60)
        desk.get(PAGE)
        with statements(site) as sent:
            desk.get(PAGE, status=200)
        costs.append(len([one for one in sent if not one.startswith("BEGIN")]))

    assert set(costs) == {3}
