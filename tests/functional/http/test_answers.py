"""The shapes of answers: forms accepted and refused, JSON, errors, where a redirect goes."""

import json
from urllib.parse import urljoin

import pytest

from tests.common.answers import refusals
from tests.common.people import Person
from tests.common.site import Site
from tests.common.submissions import LOG_IN, LOG_OUT, SUBMISSIONS, VERIFY, token_of
from tests.common.visitor import KEY, PROVISION_KEY, PROVISION_TOTP, TWO_FACTOR, Visitor

JSON = {"Accept": "application/json"}

# Each form, what is wrong with it, and the field that says so.
REFUSED = {
    "register": ("email", "no address"),
    "give the password": ("username", ""),
    "give another address": ("email", "no address"),
    "give a code": ("totp_value", "12345"),
    "enroll an app": ("totp_value", "000000"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_a_refused_form_comes_again_and_says_what_is_wrong(site: Site, what: str) -> None:
    submission = SUBMISSIONS[what](site)
    name, value = REFUSED[what]

    page = submission.send(status=422, **{name: value})

    summary = page.html.select_one(".error-summary")
    field = page.html.find(["input"], {"name": name})
    assert page.html.title.text.startswith("Error: ")
    assert [link["href"] for link in summary.select("a")] == [f"#{field['id']}"]
    assert (summary["role"], summary["tabindex"]) == ("alert", "-1")
    assert summary.has_attr("autofocus")
    assert field["aria-invalid"] == "true"
    described = [page.html.find(id=each) for each in field["aria-describedby"].split()]
    message = summary.select_one("a").text
    assert any(message in each.text for each in described)
    others = page.html.select("main input[aria-invalid]")
    assert others == [field]


def test_a_page_that_was_not_refused_says_nothing_of_errors(visitor: Visitor) -> None:
    page = visitor.get(LOG_IN, status=200)

    assert not page.html.title.text.startswith("Error")
    assert page.html.select(".error-summary, [aria-invalid]") == []


def test_every_field_of_a_refused_form_has_its_own_message(visitor: Visitor) -> None:
    page = visitor.form("/account/register/", "register-form").submit(status=422)

    links = {link["href"] for link in page.html.select(".error-summary a")}
    refused = {f"#{field['id']}" for field in page.html.select("[aria-invalid=true]")}
    assert links == refused == {"#email", "#username", "#new_password", "#password_confirm"}


def test_what_was_typed_is_kept_except_secrets(visitor: Visitor) -> None:
    form = visitor.form("/account/register/", "register-form")
    form["username"], form["email"], form["full_name"] = "newton", "no address", "Isaac <b>"
    form["new_password"] = form["password_confirm"] = "a secret of mine"

    page = form.submit(status=422)

    again = page.forms["register-form"]
    assert [again[name].value for name in ("username", "email", "full_name")] == [
        "newton",
        "no address",
        "Isaac <b>",
    ]
    assert "a secret of mine" not in page.text


@pytest.mark.parametrize("what", ["give a code", "enroll an app"])
def test_a_code_is_not_sent_back(site: Site, what: str) -> None:
    page = SUBMISSIONS[what](site).send(status=422, totp_value="000000")

    assert "000000" not in page.text


def test_a_refusal_that_is_about_no_field_has_no_link(
    visitor: Visitor, user_with_totp: Person
) -> None:
    page = visitor.give_password(user_with_totp, status=422, password="a wrong password")

    assert refusals(page) == ["The username or the password is not right."]
    assert page.html.select(".error-summary a, [aria-invalid]") == []
    assert page.html.title.text.startswith("Error: ")


# JSON


@pytest.mark.parametrize(
    ("what", "redirect_to"),
    [
        ("give an assertion", "/manage/account/"),
        ("give a code by script", "/manage/account/"),
        ("register a key", "/manage/account/recovery-codes/"),
    ],
)
def test_json_that_was_accepted_has_its_shape(site: Site, what: str, redirect_to: str) -> None:
    answer = SUBMISSIONS[what](site).send(status=200)

    assert answer.content_type == "application/json"
    assert answer.json.keys() == {"success", "redirect_to"}
    assert answer.json["redirect_to"] == redirect_to


def fail_of(answer: object) -> dict[str, object]:
    body = answer.json  # type: ignore[attr-defined]
    assert body.keys() == {"fail"}
    fail = body["fail"]
    assert {"errors", "reason"} <= fail.keys() <= {"errors", "reason", "redirect_to"}
    assert all(isinstance(error, str) and error for error in fail["errors"])
    assert len(fail["errors"]) == 1
    return fail  # type: ignore[no-any-return]


def test_json_says_not_logged_in(visitor: Visitor) -> None:
    answer = visitor.get(f"{PROVISION_KEY}/options", status=401)

    fail = fail_of(answer)
    assert (fail["reason"], fail["redirect_to"]) == ("not-logged-in", LOG_IN)


def test_json_says_that_no_login_is_pending(visitor: Visitor) -> None:
    fail = fail_of(visitor.get(f"{KEY}/options", status=401))

    assert (fail["reason"], fail["redirect_to"]) == ("no-pending-login", LOG_IN)


def test_json_says_that_the_address_is_not_verified(
    visitor: Visitor, user_unverified: Person
) -> None:
    visitor.give_password(user_unverified)

    fail = fail_of(visitor.get(f"{PROVISION_KEY}/options", status=401))

    assert (fail["reason"], fail["redirect_to"]) == ("not-verified", "/manage/unverified-account/")


@pytest.mark.parametrize(
    ("what", "changed", "status", "reason"),
    [
        ("give an assertion", {"credential": ""}, 422, "form"),
        ("give an assertion", {"credential": "{}"}, 422, "rejected"),
        ("give an assertion", {"credential": "[]"}, 400, "json"),
        ("give a code by script", {"totp_value": "1"}, 422, "rejected"),
        ("register a key", {"label": ""}, 422, "form"),
        ("register a key", {"credential": "{}"}, 422, "refused"),
        ("register a key", {"credential": "null"}, 400, "json"),
    ],
)
def test_json_that_was_refused_has_its_shape(
    site: Site, what: str, changed: dict[str, str], status: int, reason: str
) -> None:
    answer = SUBMISSIONS[what](site).send(status=status, **changed)

    assert fail_of(answer)["reason"] == reason


@pytest.mark.parametrize(
    ("method", "path", "status", "reason"),
    [
        ("GET", "/nowhere", 404, "not-found"),
        ("POST", "/", 405, "method"),
        ("DELETE", "/", 405, "method"),
        ("POST", LOG_IN, 400, "csrf"),
        ("GET", "/broken", 500, "unexpected"),
        ("GET", "/unavailable", 503, "unavailable"),
        ("GET", VERIFY, 410, "link-invalid"),
        ("GET", "/manage/account/", 401, "not-logged-in"),
    ],
)
def test_errors_are_json_where_json_was_asked(
    rigged_site: Site, method: str, path: str, status: int, reason: str
) -> None:
    visitor = rigged_site.visitor()

    answer = visitor.request(path, method=method, headers=JSON, status=status)

    assert fail_of(answer)["reason"] == reason


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nowhere", 404),
        ("POST", "/", 405),
        ("POST", LOG_IN, 400),
        ("GET", "/broken", 500),
        ("GET", "/unavailable", 503),
        ("GET", VERIFY, 410),
    ],
)
def test_errors_are_pages_with_a_way_out(
    rigged_site: Site, method: str, path: str, status: int
) -> None:
    visitor = rigged_site.visitor()

    page = visitor.request(path, method=method, status=status)

    assert page.html.select_one("h1").text
    assert urljoin(path, page.html.select_one("main .actions a")["href"]).startswith("/")
    assert "Traceback" not in page.text
    assert "a-secret-inside" not in page.text


def test_a_limit_says_when_to_come_again(rigged_site: Site) -> None:
    visitor = rigged_site.visitor()
    fields = {"username": "nobody", "password": "a wrong password"}
    for _ in range(2):
        visitor.post_form(LOG_IN, fields, status=422)

    page = visitor.post_form(LOG_IN, fields, status=429)
    answer = visitor.post_form(LOG_IN, fields, status=429, headers=JSON)

    assert page.headers["Retry-After"] == answer.headers["Retry-After"] == "60"
    assert fail_of(answer)["reason"] == "too-many-attempts"


def test_what_is_unavailable_says_when_to_come_again(rigged_site: Site) -> None:
    answer = rigged_site.visitor().get("/unavailable", status=503)

    assert answer.headers["Retry-After"] == "5"


def test_a_mistake_of_ours_is_logged_with_its_reason(
    rigged_site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    rigged_site.visitor().get("/broken", status=500)

    (record,) = [each for each in caplog.records if each.levelname == "ERROR"]
    assert "/broken" in record.getMessage()
    assert "RuntimeError" in record.getMessage()


# Where a redirect goes


@pytest.mark.parametrize(
    ("person", "path", "target"),
    [
        ("stranger", "/manage/account/", "/account/login/?next=%2Fmanage%2Faccount%2F"),
        (
            "stranger",
            "/manage/account/?a=b&c=%2F",
            "/account/login/?next=%2Fmanage%2Faccount%2F%3Fa%3Db%26c%3D%252F",
        ),
        ("stranger", TWO_FACTOR, "/account/login/"),
        (
            "unverified",
            "/manage/account/",
            "/manage/unverified-account/?next=%2Fmanage%2Faccount%2F",
        ),
        (
            "unverified",
            PROVISION_TOTP,
            "/manage/unverified-account/?next=%2Fmanage%2Faccount%2Ftotp-provision",
        ),
        (
            "without factor",
            "/manage/account/",
            "/manage/account/two-factor/?next=%2Fmanage%2Faccount%2F",
        ),
    ],
)
def test_who_may_not_see_a_page_is_sent_to_what_is_missing(
    site: Site, visitor: Visitor, person: str, path: str, target: str
) -> None:
    if person != "stranger":
        visitor.give_password(site.person("dave", verified=person != "unverified"))

    answer = visitor.get(path, status=303)

    assert answer.headers["Location"] == site.origin + target


def test_the_way_back_is_kept_through_the_whole_login(
    site: Site, visitor: Visitor, user_with_totp: Person
) -> None:
    path = "/manage/account/two-factor/?a=b&c=%2F"
    page = visitor.get(path, status=303).follow(status=200)
    form = page.forms["login-form"]
    form["username"], form["password"] = user_with_totp.username, user_with_totp.password
    form.submit(status=303)

    answer = visitor.give_code(user_with_totp.code())

    assert answer.headers["Location"] == site.origin + path


def test_a_refused_post_is_no_way_back(site: Site, visitor: Visitor) -> None:
    token = token_of(visitor)

    answer = visitor.post("/manage/unverified-account/", {"csrf_token": token}, status=303)

    assert answer.headers["Location"] == site.origin + LOG_IN


UNSAFE = [
    "https://evil.example",
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    " //evil.example",
    "http://localhost:8000@evil.example/",
    "https://pypi.example.evil.example",
    "https://pypi.example/",
    "javascript:alert(1)",
    "evil.example",
    "?next=/",
    "#",
    "/é",
    "/" + "a" * 2048,
    "/ሴ",
]


@pytest.mark.attack("P-012")
@pytest.mark.parametrize("wanted", UNSAFE)
def test_an_unsafe_next_becomes_the_landing_page(
    site: Site, visitor: Visitor, user_without_factor: Person, wanted: str
) -> None:
    login = visitor.give_password(user_without_factor, next=wanted)
    again = visitor.get(LOG_IN, {"next": wanted}, status=303)

    for answer in (login, again):
        assert answer.headers["Location"] == f"{site.origin}/manage/account/"


@pytest.mark.attack("P-012")
def test_an_unsafe_next_is_not_offered_on_the_page(visitor: Visitor) -> None:
    page = visitor.get(LOG_IN, {"next": "https://evil.example/"}, status=200)

    assert page.forms["login-form"]["next"].value == "/manage/account/"
    assert page.html.select('[href*="evil.example"]') == []


def test_a_login_on_a_script_page_tells_the_way_in_json(
    visitor: Visitor, user_with_key: Person
) -> None:
    visitor.give_password(user_with_key, next="/manage/account/two-factor/")

    answer = visitor.give_key(user_with_key)

    assert json.loads(answer.body)["redirect_to"] == "/manage/account/two-factor/"


def test_whoever_is_logged_out_sees_the_start_page(
    site: Site, visitor: Visitor, user_with_totp: Person
) -> None:
    visitor.log_in(user_with_totp)

    out = visitor.form(LOG_OUT, "logout-form").submit(status=303)
    again = visitor.get(LOG_OUT, status=303)

    assert {out.headers["Location"], again.headers["Location"]} == {f"{site.origin}/"}
