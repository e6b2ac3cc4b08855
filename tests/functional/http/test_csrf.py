"""Cross-site requests: a token bound to the session or the anonymous cookie, and a proof of origin."""

from urllib.parse import urlencode

import pytest

from tests.common.people import Person
from tests.common.registering import register
from tests.common.site import Site
from tests.common.submissions import LOG_IN, LOG_OUT, SUBMISSIONS, Submission, token_of
from tests.common.tables import dump
from tests.common.visitor import Visitor

EVIL = "https://evil.example"


def attacks(site: Site, submission: Submission) -> dict[str, str]:
    """Return the bodies that are not a form of ours, by what is wrong with them."""
    foreign = token_of(site.visitor(address="198.51.100.66"))
    fields = dict(submission.fields)
    return {
        "no token": urlencode(fields),
        "an empty token": urlencode({**fields, "csrf_token": ""}),
        "a foreign token": urlencode({**fields, "csrf_token": foreign}),
        "a token from before": urlencode({**fields, "csrf_token": submission.stale_token}),
        "a cut token": urlencode({**fields, "csrf_token": submission.token[:-1]}),
    }


@pytest.mark.attack("P-087")
@pytest.mark.parametrize("what", SUBMISSIONS)
def test_a_form_without_its_own_token_changes_nothing(site: Site, what: str) -> None:
    submission = SUBMISSIONS[what](site)
    bodies = attacks(site, submission)
    before = dump(site)

    answers = {
        wrong: submission.visitor.post(submission.path, body, status="*").status_int
        for wrong, body in bodies.items()
    }

    assert answers == dict.fromkeys(bodies, 400)
    assert dump(site) == before


@pytest.mark.attack("P-087")
@pytest.mark.parametrize("what", SUBMISSIONS)
@pytest.mark.parametrize("content_type", ["text/plain", "multipart/form-data; boundary=x", ""])
def test_a_body_that_a_foreign_page_could_send_changes_nothing(
    site: Site, what: str, content_type: str
) -> None:
    submission = SUBMISSIONS[what](site)
    body = urlencode({**submission.fields, "csrf_token": submission.token})
    before = dump(site)

    submission.visitor.post(submission.path, body, content_type=content_type, status=400)

    assert dump(site) == before


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "same-origin", "Origin": "null"},
        {"Origin": "ours"},
    ],
)
def test_a_form_of_ours_is_taken(site: Site, headers: dict[str, str]) -> None:
    submission = SUBMISSIONS["log out"](site)
    headers = {name: site.origin if value == "ours" else value for name, value in headers.items()}

    fields = {"csrf_token": submission.token}
    submission.visitor.post(submission.path, fields, headers=headers, status=303)

    assert site.value("SELECT count(*) FROM sessions") == 0


@pytest.mark.attack("P-011")
@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {"Sec-Fetch-Site": ""},
        {"Sec-Fetch-Site": "cross-site", "Origin": "ours"},
        {"Origin": EVIL},
        {"Origin": "null"},
        {"Origin": ""},
        {"Origin": "ours."},
        {"Origin": "ours/"},
        {"Origin": "ours@evil.example"},
        {"Origin": "ours, https://evil.example"},
        {"Origin": "HTTPS://PYPI.EXAMPLE"},
        {"Origin": "http://pypi.example"},
        {"Origin": "https://localhost:8000"},
        {"Origin": "http://localhost:8001"},
    ],
)
def test_a_form_with_the_right_token_from_elsewhere_changes_nothing(
    site: Site, headers: dict[str, str]
) -> None:
    submission = SUBMISSIONS["give the password"](site)
    fields = {**submission.fields, "csrf_token": submission.token}
    headers = {name: value.replace("ours", site.origin) for name, value in headers.items()}
    before = dump(site)

    submission.visitor.post(submission.path, fields, headers=headers, status=400)

    assert dump(site) == before


def test_the_token_may_come_in_a_header(site: Site) -> None:
    submission = SUBMISSIONS["log out"](site)

    headers = {"X-CSRF-Token": submission.token}
    submission.visitor.post(submission.path, headers=headers, status=303)

    assert site.value("SELECT count(*) FROM sessions") == 0


@pytest.mark.parametrize("token", ["x", "é", "\xff", "0" * 10_000])
def test_a_wrong_token_in_a_header_is_refused(site: Site, token: str) -> None:
    submission = SUBMISSIONS["log out"](site)

    headers = {"X-CSRF-Token": token}
    submission.visitor.post(submission.path, headers=headers, status=400)

    assert site.value("SELECT count(*) FROM sessions WHERE factor IS NULL") == 1


def test_a_token_in_the_address_is_none(site: Site) -> None:
    submission = SUBMISSIONS["log out"](site)

    submission.visitor.post(f"{submission.path}?csrf_token={submission.token}", status=400)

    assert site.value("SELECT count(*) FROM sessions") == 1


def test_a_refusal_says_what_to_do_and_names_its_reason_to_programs(site: Site) -> None:
    visitor = site.visitor()

    page = visitor.post(LOG_IN, {}, status=400)
    answer = visitor.post(LOG_IN, {}, status=400, headers={"Accept": "application/json"})

    assert "Load the page again" in page.html.select_one("main").text
    assert answer.json["fail"]["reason"] == "csrf"


def test_the_token_of_an_open_tab_survives_a_new_session_id(
    site: Site, visitor: Visitor, user_without_factor: Person
) -> None:
    visitor.give_password(user_without_factor)
    in_another_tab, id_before = token_of(visitor), visitor.cookie("session")
    visitor.enroll_totp(user_without_factor)

    visitor.post(LOG_OUT, {"csrf_token": in_another_tab}, status=303)

    assert visitor.cookie("session") != id_before
    assert site.value("SELECT count(*) FROM sessions") == 0


def test_the_token_is_another_one_after_login_and_after_logout(
    visitor: Visitor, user_with_totp: Person
) -> None:
    anonymous = token_of(visitor)
    visitor.log_in(user_with_totp)
    logged_in = token_of(visitor)
    visitor.form(LOG_OUT, "logout-form").submit(status=303)
    logged_out = token_of(visitor)

    assert len({anonymous, logged_in, logged_out}) == 3


@pytest.mark.parametrize("how", ["a password alone", "a code", "a key", "registering"])
def test_the_anonymous_cookie_of_before_is_gone_after_a_login(
    site: Site, visitor: Visitor, user_without_factor: Person, how: str
) -> None:
    token_of(visitor)
    before = visitor.cookie("csrf")

    match how:
        case "registering":
            register(visitor)
        case "a password alone":
            visitor.give_password(user_without_factor)
        case "a code":
            visitor.log_in(site.person("alice", totp=True))
        case "a key":
            visitor.log_in(site.person("bob", key=True))

    assert before is not None
    assert visitor.cookie("csrf") is None
    assert site.value("SELECT count(*) FROM sessions") > 0


def test_an_anonymous_cookie_that_came_back_while_logged_in_is_gone_after_the_logout(
    visitor: Visitor, user_without_factor: Person
) -> None:
    token_of(visitor)
    (planted,) = [cookie for cookie in visitor.cookiejar if cookie.name.endswith("csrf")]
    visitor.give_password(user_without_factor)
    visitor.cookiejar.set_cookie(planted)

    visitor.form(LOG_OUT, "logout-form").submit(status=303)

    assert visitor.cookie("csrf") is None
    token_of(visitor)
    assert visitor.cookie("csrf") not in (None, planted.value)


def test_the_anonymous_cookie_stays_while_the_second_factor_is_owed(
    visitor: Visitor, user_with_totp: Person
) -> None:
    in_another_tab = token_of(visitor)

    visitor.give_password(user_with_totp)

    assert token_of(visitor) == in_another_tab


@pytest.mark.attack("P-087")
def test_two_sessions_of_one_person_have_different_tokens(
    site: Site, user_without_factor: Person
) -> None:
    one, other = site.visitor(), site.visitor()
    one.give_password(user_without_factor)
    other.give_password(user_without_factor)

    one.post(LOG_OUT, {"csrf_token": token_of(other)}, status=400)

    assert site.value("SELECT count(*) FROM sessions") == 2


def test_a_token_of_another_deployment_is_none(
    site: Site, visitor: Visitor, database_url: str
) -> None:
    twin = Site(database_url, "https://test.pypi.example")
    elsewhere = twin.visitor()
    foreign = token_of(elsewhere)
    twin.close()
    token_of(visitor)
    for cookie in visitor.cookiejar:
        cookie.value = elsewhere.cookie("csrf")

    visitor.post(LOG_IN, {"csrf_token": foreign}, status=400)

    assert token_of(visitor) != foreign


@pytest.mark.parametrize(
    ("page", "wanted"),
    [
        ("ours/manage/account/password/", "/manage/account/password/"),
        ("https://evil.example/manage/", "/"),
        ("ours.evil.example/manage/", "/"),
        ("ours//evil.example/", "/"),
        ("", "/"),
    ],
)
def test_a_form_whose_session_ended_leads_back_to_its_page_if_that_is_ours(
    site: Site, page: str, wanted: str
) -> None:
    submission = SUBMISSIONS["log out"](site)
    headers = {"Referer": page.replace("ours", site.origin)}

    answer = submission.visitor.post(submission.path, {}, headers=headers, status=400)

    assert answer.html.select_one("main .actions a")["href"] == wanted
