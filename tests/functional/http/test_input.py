"""What comes in: methods, sizes, encodings, fields. What no page of ours sends is refused."""

from io import BytesIO
from typing import Any
from urllib.parse import urlencode

import pytest
import webtest

from tests.common.routes import doors, paths
from tests.common.site import Site
from tests.common.submissions import LOG_IN, SUBMISSIONS, token_of
from tests.common.tables import dump
from tests.common.visitor import PROVISION_KEY, Visitor

FORM = "application/x-www-form-urlencoded"
LARGEST = 64 * 1024
JSON = {"Accept": "application/json"}


def raw(visitor: Visitor, method: str, path: str, body: bytes = b"", **environ: Any) -> Any:
    """Send a request as bytes: `path` in Latin-1, as WSGI has it."""
    request = webtest.TestRequest.blank("/", method=method)
    request.environ["PATH_INFO"] = path
    if body:
        request.body = body
        request.content_type = FORM
    request.environ.update(visitor.extra_environ)
    request.environ.update(environ)
    return visitor.do_request(request, status="*", expect_errors=True)


# Methods


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW", "get"])
@pytest.mark.parametrize("path", ["/", LOG_IN, "/manage/account/", "/nowhere", "/static/x"])
def test_an_unknown_method_is_refused_everywhere(visitor: Visitor, method: str, path: str) -> None:
    visitor.lint = False

    answer = visitor.request(path, method=method, status=405)

    assert answer.headers["Allow"] == "GET, HEAD, POST"


def test_a_known_path_refuses_the_wrong_method_and_names_the_right_ones(visitor: Visitor) -> None:
    taken: dict[str, set[str]] = {path: set() for path in paths()}
    for door in doors():
        taken[door.path] |= {door.method, "HEAD"} if door.method == "GET" else {door.method}

    for path, methods in taken.items():
        for method in {"GET", "POST"} - methods:
            answer = visitor.request(path, method=method, status=405)
            assert answer.headers["Allow"] == ", ".join(sorted(methods)), path


def test_head_is_get_without_a_body(visitor: Visitor) -> None:
    answer = visitor.head(LOG_IN, status=200)

    assert answer.body == b""


def test_a_form_is_not_looked_for_in_the_address_of_a_get(site: Site, visitor: Visitor) -> None:
    fields = {"username": "nobody", "password": "x", "csrf_token": token_of(visitor)}

    visitor.get(f"{LOG_IN}?{urlencode(fields)}", status=200)

    assert site.tags() == []


# Sizes


@pytest.mark.parametrize(("size", "status"), [(LARGEST, 400), (LARGEST + 1, 413)])
@pytest.mark.parametrize("has_length", [True, False], ids=["with length", "without length"])
def test_a_body_may_have_64_kibibytes(
    visitor: Visitor, size: int, status: int, has_length: bool
) -> None:
    body = b"a=" + b"b" * (size - 2)
    environ: dict[str, Any] = {}
    if not has_length:
        environ = {"wsgi.input": BytesIO(body), "wsgi.input_terminated": True, "CONTENT_TYPE": FORM}

    answer = raw(visitor, "POST", LOG_IN, body if has_length else b"", **environ)

    assert answer.status_int == status


def test_a_large_body_is_refused_though_its_token_is_right(site: Site) -> None:
    submission = SUBMISSIONS["give the password"](site)
    before = dump(site)

    answer = submission.send(password="x" * LARGEST)

    assert answer.status_int == 413
    assert dump(site) == before


def test_more_than_100_fields_are_refused(visitor: Visitor) -> None:
    fields = {f"field{number}": "" for number in range(100)}

    visitor.post(LOG_IN, {**fields, "csrf_token": token_of(visitor)}, status=400)


# Fields


@pytest.mark.attack("P-014")
@pytest.mark.parametrize("what", SUBMISSIONS)
def test_a_field_given_twice_is_refused(site: Site, what: str) -> None:
    submission = SUBMISSIONS[what](site)
    fields = {**submission.fields, "csrf_token": submission.token}
    before = dump(site)

    answers = {
        name: submission.visitor.post(
            submission.path, [*fields.items(), (name, value)], status="*"
        ).status_int
        for name, value in fields.items()
    }

    assert answers == dict.fromkeys(fields, 400)
    assert dump(site) == before


@pytest.mark.parametrize(
    "body",
    [
        b"username=a%00b",
        b"username%00=a",
        b"username=%ff",
        b"username=%c3",
        b"username=%ed%a0%80",
        b"username=%c0%80",
        b"username=\xc3\xa9",
        b"username=\x00",
        b"username=%FE%FF",
        b"%ff=",
    ],
)
def test_what_is_no_text_is_refused(visitor: Visitor, body: bytes) -> None:
    token = token_of(visitor).encode()

    answer = raw(visitor, "POST", LOG_IN, body + b"&csrf_token=" + token)

    assert answer.status_int == 400
    assert "csrf" not in answer.text


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("next=a%00", "nul"),
        ("next=%ff", "encoding"),
        ("next=a&next=b", "field-twice"),
        ("next=\xff", "encoding"),
        ("&".join(f"a{number}=" for number in range(101)), "encoding"),
    ],
)
@pytest.mark.parametrize("path", [LOG_IN, "/", "/account/verify-email/", "/nowhere"])
def test_an_ambiguous_query_is_refused(
    visitor: Visitor, path: str, query: str, reason: str
) -> None:
    answer = raw(visitor, "GET", path, QUERY_STRING=query, HTTP_ACCEPT="application/json")

    assert (answer.status_int, answer.json["fail"]["reason"]) == (400, reason)


@pytest.mark.parametrize(
    "path", ["/\xff", "/account/\xff/", "/static/\xff", "/\xc0\x80", "/\xed\xa0\x80"]
)
@pytest.mark.parametrize("method", ["GET", "POST", "HEAD"])
def test_a_path_that_is_no_text_is_refused(visitor: Visitor, method: str, path: str) -> None:
    answer = raw(visitor, method, path)

    assert answer.status_int == 400


@pytest.mark.parametrize(
    "path",
    ["/\0", "/account/\0/", "/account/login/\0", "/static/\0", "/manage/account/\0", "/é", "/a b"],
)
def test_an_odd_path_is_not_found(visitor: Visitor, path: str) -> None:
    answer = raw(visitor, "GET", path.encode().decode("latin-1"))

    assert answer.status_int == 404


@pytest.mark.parametrize(
    "headers",
    [
        {"HTTP_ACCEPT": "\xff;;q=x"},
        {"HTTP_ACCEPT_LANGUAGE": ";;;q=\xff"},
        {"HTTP_ACCEPT_ENCODING": "\xff"},
        {"HTTP_USER_AGENT": "\xff\x00" * 1000},
        {"HTTP_REFERER": "\xff"},
        {"HTTP_RANGE": "bytes=9-1,\xff"},
        {"HTTP_IF_MODIFIED_SINCE": "never"},
        {"HTTP_IF_NONE_MATCH": '"\xff'},
        {"HTTP_AUTHORIZATION": "Basic \xff"},
        {"HTTP_ORIGIN": "\xff"},
    ],
)
def test_odd_headers_do_no_harm(visitor: Visitor, headers: dict[str, str]) -> None:
    statuses = {
        raw(visitor, "GET", path, **headers).status_int
        for path in ("/", LOG_IN, "/static/css/tokens.css", "/.well-known/security.txt")
    }

    assert max(statuses) < 500


def test_an_empty_body_is_an_empty_form(visitor: Visitor) -> None:
    headers = {"X-CSRF-Token": token_of(visitor)}

    page = visitor.post(LOG_IN, headers=headers, status=422)

    assert len(page.html.select(".error-summary a")) == 2


@pytest.mark.parametrize(
    "content_type", [FORM, f"{FORM}; charset=utf-8", f"{FORM};charset=utf-7", FORM.upper()]
)
def test_a_form_is_utf_8_whatever_it_says(visitor: Visitor, content_type: str) -> None:
    body = urlencode({"username": "é", "csrf_token": token_of(visitor)})

    page = visitor.post(LOG_IN, body, content_type=content_type, status=422)

    assert page.forms["login-form"]["username"].value == "é"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"a=1&a=2", "field-twice"),
        (b"a=%00", "nul"),
        (b"a=%ff", "encoding"),
        (b"a=\xff", "encoding"),
    ],
)
def test_a_program_is_told_in_its_own_shape(visitor: Visitor, body: bytes, reason: str) -> None:
    answer = raw(visitor, "POST", f"{PROVISION_KEY}/validate", body)

    assert answer.json["fail"]["reason"] == reason
    assert answer.content_type == "application/json"
