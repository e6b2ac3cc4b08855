"""The first step of a login: what it tells a stranger, and what it takes from a request."""

from urllib.parse import urlencode, urlsplit

import pytest
from webtest import TestResponse

from tests.common.answers import Face, face, refusals
from tests.common.people import PASSWORD, Person
from tests.common.site import Site
from tests.common.visitor import Visitor
from tests.common.watching import hashes, statements

LOGIN = "/account/login/"
LANDING = "/manage/account/"
WRONG = "The username or the password is not right."
EVIL = [
    "https://evil.example",
    "//evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "///evil.example",
    "http://localhost:8000@evil.example/",
    "https://pypi.example@evil.example/",
    "https://pypi.example.evil.example",
    "javascript:alert(1)",
    "evil.example",
    "/%0d%0aSet-Cookie:x=1\r\nX: y",
    "/" + "x" * 3000,
    "/日本",
]


def fail(site: Site, name: str, address: str = "192.0.2.1") -> Face:
    """Give a wrong password for a name, from a new browser; return what the answer shows."""
    visitor = site.visitor(address)
    refused = visitor.give_password(
        Person(name, clock=site.clock), password="wrong horse", status=422
    )
    return face(refused, name)


def place(answer: TestResponse, site: Site) -> str:
    """Return the path of a redirect, which has to stay with us."""
    parts = urlsplit(answer.location)
    assert f"{parts.scheme}://{parts.netloc}" in ("://", site.origin)
    return parts.path


def is_logged_in(visitor: Visitor) -> bool:
    return visitor.get("/account/logout/").status_int == 200


# What it tells


@pytest.mark.attack("P-001")
def test_an_unknown_name_and_a_wrong_password_look_alike(
    site: Site, user_with_totp: Person, user_unverified: Person
) -> None:
    site.change("UPDATE users SET password_hash = NULL WHERE username = 'erin'")
    names = ["alice", "nobody42", "al!ce", "erin", "\uff21lice", "a@b@c", "x" * 254]
    addresses = ["alice@example.org", "nobody@example.org", "erin@example.org", "a@b"]

    faces = {fail(site, name, f"198.51.100.{n}") for n, name in enumerate([*names, *addresses])}

    assert len(faces) == 1
    assert refusals(site.visitor().give_password(user_with_totp, password="x", status=422)) == [
        WRONG
    ]


@pytest.mark.attack("P-001")
def test_a_refused_login_names_no_field(visitor: Visitor, user_with_totp: Person) -> None:
    refused = visitor.give_password(user_with_totp, password="wrong horse", status=422)

    assert refused.html.select("[aria-invalid=true]") == []
    assert refused.html.select(".field-error") == []


@pytest.mark.attack("P-002")
@pytest.mark.parametrize(
    "names",
    [
        ("alice", "nobody42", "al!ce", "erin"),
        ("alice@example.org", "nobody@example.org", "erin@example.org", "a@b"),
    ],
    ids=["names", "addresses"],
)
def test_an_unknown_name_takes_the_same_statements_and_one_hash_as_a_wrong_password(
    site: Site, user_with_totp: Person, user_unverified: Person, names: tuple[str, ...]
) -> None:
    site.change("UPDATE users SET password_hash = NULL WHERE username = 'erin'")
    fail(site, "warm-up")
    work = []

    for name in names:
        form = site.visitor().form(LOGIN, "login-form")
        form["username"], form["password"] = name, "wrong horse"
        with statements(site) as sent, hashes() as computed:
            form.submit(status=422)
        work.append((sent, computed))

    assert work[0][1] == ["m=8,t=1,p=1"]
    assert len(work[0][0]) > 3
    assert all(done == work[0] for done in work)


@pytest.mark.attack("P-002")
def test_the_first_unknown_name_after_a_start_takes_one_hash_only(database_url: str) -> None:
    site = Site(database_url)
    form = site.visitor().form(LOGIN, "login-form")
    form["username"], form["password"] = "nobody42", "wrong horse"

    with hashes() as computed:
        form.submit(status=422)

    site.reset()
    site.close()
    assert computed == ["m=8,t=1,p=1"]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"username": ""}, "Enter your username or your email address."),
        ({"username": "x" * 255}, "This is too long for a username or an email address. Check it."),
        ({"password": ""}, "Enter your password."),
        ({"password": "x" * 4097}, "A password has at most 4096 characters."),
    ],
)
def test_a_form_that_is_not_filled_in_is_refused_without_an_attempt(
    site: Site, visitor: Visitor, fields: dict[str, str], message: str
) -> None:
    with hashes() as computed:
        refused = visitor.give_password(Person("alice", clock=site.clock), status=422, **fields)

    assert refusals(refused) == [message]
    assert (computed, site.tags()) == ([], [])


def test_a_refused_login_keeps_the_name_and_the_way_but_not_the_password(
    visitor: Visitor, user_with_totp: Person
) -> None:
    fields = {"password": "wrong horse", "next": "/manage/account/two-factor/"}
    refused = visitor.give_password(user_with_totp, status=422, **fields)

    form = refused.forms["login-form"]
    kept = {name: form[name].value for name in ("username", "password", "next")}
    assert kept == {
        "username": "alice",
        "password": "",
        "next": "/manage/account/two-factor/",
    }
    assert "wrong horse" not in refused


def test_each_attempt_is_recorded_once(site: Site, user_with_totp: Person) -> None:
    before = len(site.tags())

    fail(site, "alice")
    fail(site, "nobody42")
    site.visitor().give_password(user_with_totp)

    rows = site.rows("SELECT tag, subject_id, actor_id FROM events ORDER BY id")[before:]
    alice = site.value("SELECT id FROM users")
    assert [tuple(row) for row in rows] == [
        ("account:password:failed", alice, None),
        ("account:password:failed", None, None),
        ("account:password:accepted", alice, alice),
    ]


def test_the_record_of_an_attempt_holds_no_name_and_no_password(
    site: Site, user_with_totp: Person
) -> None:
    fail(site, "my secret typed as a name")

    rows = site.rows("SELECT facts FROM events") + site.rows("SELECT value FROM event_private")
    assert "secret" not in str(rows)
    assert "wrong horse" not in str(rows)


# Where it comes from


@pytest.mark.attack("P-011")
def test_a_login_without_a_token_is_refused(
    site: Site, visitor: Visitor, user_with_totp: Person
) -> None:
    before = site.tags()
    visitor.get(LOGIN)

    visitor.post(LOGIN, {"username": "alice", "password": PASSWORD}, status=400)

    assert site.tags() == before
    assert visitor.cookie("login") is None


@pytest.mark.attack("P-011")
@pytest.mark.parametrize("token", ["", "x", "ä", "A" * 43])
def test_a_login_with_a_token_that_is_none_is_refused(
    site: Site, visitor: Visitor, user_with_totp: Person, token: str
) -> None:
    before = site.tags()
    visitor.get(LOGIN)

    fields = {"username": "alice", "password": PASSWORD, "csrf_token": token}
    visitor.post(LOGIN, fields, status=400)

    assert site.tags() == before


@pytest.mark.attack("P-011")
def test_a_login_with_the_token_of_another_jar_is_refused(
    site: Site, visitor: Visitor, user_with_totp: Person
) -> None:
    before = site.tags()
    visitor.get(LOGIN)
    foreign = site.visitor().csrf_token(LOGIN)

    fields = {"username": "alice", "password": PASSWORD, "csrf_token": foreign}
    visitor.post(LOGIN, fields, status=400)

    assert site.tags() == before
    assert visitor.cookie("login") is None


@pytest.mark.attack("P-011")
def test_a_login_with_the_token_of_somebodys_session_is_refused(
    site: Site, visitor: Visitor, user_with_totp: Person, mallory: Person
) -> None:
    attacker = site.visitor()
    attacker.log_in(mallory)
    foreign = attacker.csrf_token(LANDING)
    visitor.get(LOGIN)

    fields = {"username": "mallory", "password": PASSWORD, "csrf_token": foreign}
    visitor.post(LOGIN, fields, status=400)

    assert not is_logged_in(visitor)


@pytest.mark.attack("P-011")
@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {"Sec-Fetch-Site": ""},
    ],
    ids=str,
)
def test_a_login_from_another_site_is_refused_even_with_a_token(
    site: Site, visitor: Visitor, user_with_totp: Person, headers: dict[str, str]
) -> None:
    before = site.tags()
    fields = {"username": "alice", "password": PASSWORD}

    visitor.post_form(LOGIN, fields, headers=headers, status=400)

    assert site.tags() == before
    assert visitor.cookie("login") is None


def test_a_login_from_our_own_page_is_taken(
    site: Site, visitor: Visitor, user_with_totp: Person
) -> None:
    fields = {"username": "alice", "password": PASSWORD}

    visitor.post_form(LOGIN, fields, headers={"Origin": site.origin}, status=303)

    assert visitor.cookie("login") is not None


# Where it leads


@pytest.mark.attack("P-012")
def test_a_login_never_leads_away_from_us(site: Site, user_without_factor: Person) -> None:
    for wanted in EVIL:
        answer = site.visitor().give_password(user_without_factor, next=wanted)

        assert place(answer, site) == LANDING, wanted


@pytest.mark.attack("P-012")
def test_the_login_page_offers_no_way_away_from_us(
    site: Site, visitor: Visitor, user_without_factor: Person
) -> None:
    for wanted in EVIL:
        page = visitor.get(LOGIN, {"next": wanted}, status=200)

        assert page.forms["login-form"]["next"].value == LANDING, wanted


@pytest.mark.attack("P-012")
def test_a_login_that_starts_again_offers_no_way_away_from_us(
    visitor: Visitor, user_with_totp: Person
) -> None:
    visitor.give_password(user_with_totp)

    page = visitor.get(LOGIN, {"next": "https://evil.example/"}, status=200)

    assert page.forms["login-form"]["next"].value == LANDING


@pytest.mark.attack("P-012")
def test_somebody_who_is_logged_in_is_never_led_away_from_us(
    site: Site, visitor: Visitor, user_with_totp: Person
) -> None:
    visitor.log_in(user_with_totp)

    for wanted in EVIL:
        answer = visitor.get(LOGIN, {"next": wanted}, status=303)

        assert place(answer, site) == LANDING, wanted


def test_a_login_leads_to_where_somebody_wanted_to_go(
    site: Site, visitor: Visitor, user_without_factor: Person
) -> None:
    answer = visitor.give_password(user_without_factor, next="/manage/account/two-factor/?a=b%20c")

    assert answer.location.endswith("/manage/account/two-factor/?a=b%20c")


# On top of a session


@pytest.mark.attack("P-013")
def test_a_login_on_top_of_a_session_is_refused(
    site: Site, visitor: Visitor, user_with_totp: Person, mallory: Person
) -> None:
    visitor.log_in(mallory)
    before = site.tags()

    fields = {"username": "alice", "password": PASSWORD}
    answer = visitor.post_form(LOGIN, fields, status=303)

    assert place(answer, site) == LANDING
    assert visitor.get(LANDING).html.select_one(".site-menu-person bdi").text == "mallory"
    assert visitor.cookie("login") is None
    assert site.tags() == before


@pytest.mark.attack("P-013")
def test_an_open_second_step_does_not_change_a_session_that_came_first(
    site: Site, visitor: Visitor, user_with_totp: Person, mallory: Person
) -> None:
    form = visitor.form(LOGIN, "login-form")
    visitor.log_in(mallory)
    form["username"], form["password"] = "alice", PASSWORD

    form.submit(status=400)

    assert visitor.get(LANDING).html.select_one(".site-menu-person bdi").text == "mallory"


# What it reads


@pytest.mark.attack("P-014")
@pytest.mark.parametrize("field", ["username", "password", "next", "csrf_token"])
def test_a_field_given_twice_is_refused(
    site: Site, visitor: Visitor, user_with_totp: Person, field: str
) -> None:
    before = site.tags()
    fields = {"username": "alice", "password": PASSWORD, "next": "/"}
    fields["csrf_token"] = visitor.csrf_token()

    body = urlencode([*fields.items(), (field, fields[field])])
    visitor.post(LOGIN, body, status=400)

    assert site.tags() == before


@pytest.mark.attack("P-014")
def test_credentials_in_the_query_are_ignored(
    site: Site, visitor: Visitor, user_with_totp: Person
) -> None:
    before = site.tags()
    query = urlencode({"username": "alice", "password": PASSWORD})

    refused = visitor.post_form(f"{LOGIN}?{query}", status=422)

    assert "Enter your password." in refusals(refused)
    assert site.tags() == before


@pytest.mark.attack("P-014")
def test_only_the_body_counts_when_both_have_credentials(
    site: Site, visitor: Visitor, user_with_totp: Person, mallory: Person
) -> None:
    query = urlencode({"username": "mallory", "password": PASSWORD, "next": "//evil.example"})

    visitor.post_form(
        f"{LOGIN}?{query}", {"username": "alice", "password": "wrong horse"}, status=422
    )

    subject = site.rows("SELECT subject_id FROM events ORDER BY id")[-1][0]
    assert subject == site.value("SELECT id FROM users WHERE username = 'alice'")
    assert visitor.cookie("login") is None


@pytest.mark.attack("P-014")
def test_a_token_in_the_query_is_no_token(visitor: Visitor, user_with_totp: Person) -> None:
    query = urlencode({"csrf_token": visitor.csrf_token()})

    visitor.post(f"{LOGIN}?{query}", {"username": "alice", "password": PASSWORD}, status=400)

    assert visitor.cookie("login") is None
