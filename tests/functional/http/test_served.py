"""What only a server shows: the request line, chunked bodies, headers it might add of its own."""

import json
import socket
from collections.abc import Iterator
from http.client import HTTPResponse
from urllib.parse import urlsplit

import pytest

from tests.common.served import LOOPBACK, serve

EVIL = "evil.example"


@pytest.fixture(scope="module")
def origin(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The origin of a site that `warehouse-mfa serve` serves."""
    with serve(database_url, tmp_path_factory.mktemp("served")) as origin:
        yield origin


def exchange(origin: str, request: bytes) -> tuple[HTTPResponse, bytes]:
    """Send bytes as they are; return the answer."""
    with socket.create_connection(
        (LOOPBACK, urlsplit(origin).port or 80), timeout=10
    ) as connection:
        connection.sendall(request)
        response = HTTPResponse(connection)
        response.begin()
        return response, response.read()


def get(target: str, host: str, *more: str) -> bytes:
    lines = [f"GET {target} HTTP/1.1", f"Host: {host}", *more, "Connection: close", "", ""]
    return "\r\n".join(lines).encode("latin-1")


@pytest.mark.attack("P-095")
@pytest.mark.parametrize("target", ["/manage/account/", f"http://{EVIL}/manage/account/"])
def test_neither_host_nor_absolute_form_moves_a_redirect(origin: str, target: str) -> None:
    response, _ = exchange(origin, get(target, EVIL, f"X-Forwarded-Host: {EVIL}"))

    assert response.status == 303
    location = response.headers["Location"]
    assert location == f"{origin}/account/login/?next=%2Fmanage%2Faccount%2F"


@pytest.mark.attack("P-095")
def test_absolute_form_changes_no_page(origin: str) -> None:
    response, body = exchange(origin, get(f"http://{EVIL}/account/login/", EVIL))

    assert response.status == 200
    assert EVIL.encode() not in body + str(response.headers).encode()


@pytest.mark.attack("P-089")
@pytest.mark.parametrize(
    "target", ["/", "/nowhere", "/static/css/tokens.css", "/manage/account/", "/_health/ready"]
)
def test_no_answer_names_the_server_or_its_version(origin: str, target: str) -> None:
    response, body = exchange(origin, get(target, urlsplit(origin).netloc))

    told = str(response.headers).lower() + body.decode().lower()
    assert response.headers["Server"] is None
    assert [name for name in ("waitress", "pyramid", "webob", "python/") if name in told] == []


@pytest.mark.parametrize("chunk", [b"a" * 1000, b"a" * 66_000])
def test_a_chunked_body_has_no_more_room_than_any_other(origin: str, chunk: bytes) -> None:
    times = 66_000 // len(chunk) + 1
    chunks = (f"{len(chunk):x}\r\n".encode() + chunk + b"\r\n") * times
    request = (
        b"POST /account/login/ HTTP/1.1\r\n"
        + f"Host: {urlsplit(origin).netloc}\r\n".encode()
        + b"Content-Type: application/x-www-form-urlencoded\r\n"
        + b"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
        + chunks
        + b"0\r\n\r\n"
    )

    response, _ = exchange(origin, request)

    assert response.status == 413


TOO_MUCH = "X-Long: " + "x" * 20_000


@pytest.mark.parametrize(
    ("accepted", "language", "direction"),
    [("fr-CA, en;q=0.5", "fr", "ltr"), ("ar", "ar", "rtl"), ("de", "en", "ltr")],
)
@pytest.mark.parametrize(
    ("line", "status"), [("Content-Length: 200000", 413), ("Content-Length: x", 400)]
)
def test_what_the_server_refuses_by_itself_is_a_page_in_the_language(
    origin: str, accepted: str, language: str, direction: str, line: str, status: int
) -> None:
    request = get("/account/login/", urlsplit(origin).netloc, f"Accept-Language: {accepted}", line)

    response, body = exchange(origin, request.replace(b"GET", b"POST", 1))

    page = body.decode()
    assert response.status == status
    assert response.headers["Content-Type"] == "text/html; charset=UTF-8"
    assert f'<html lang="{language}" dir="{direction}">' in page
    assert "<h1>" in page
    assert "<form" not in page
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]


def test_a_script_whose_request_is_refused_unread_gets_json(origin: str) -> None:
    lines = ("Accept: application/json", "Content-Length: 200000")

    response, body = exchange(origin, get("/account/login/", urlsplit(origin).netloc, *lines))

    assert response.status == 413
    assert json.loads(body)["fail"]["reason"] == "too-large"


@pytest.mark.parametrize(
    ("accepted", "page"),
    [
        ("Accept-Language: de", "<h1>Too large</h1>"),
        ("accept-language: ar", '<html lang="ar" dir="rtl">'),
        ("Accept: application/json", '"reason":"too-large"'),
    ],
)
def test_headers_that_are_too_long_are_refused_in_the_language(
    origin: str, accepted: str, page: str
) -> None:
    request = get("/", urlsplit(origin).netloc, accepted, TOO_MUCH)[: 16 * 1024]

    response, body = exchange(origin, request)

    assert response.status == 431
    assert page in body.decode()


@pytest.mark.parametrize(
    "line",
    [
        'Cookie: session="\\377"',
        'Cookie: a="\xff"',
        "Accept: \xff",
        "Accept-Language: \xff;q=z",
        "Origin: \xff",
        "X-CSRF-Token: \xff",
    ],
)
def test_odd_headers_do_no_harm_on_the_wire(origin: str, line: str) -> None:
    response, _ = exchange(origin, get("/account/login/", urlsplit(origin).netloc, line))

    assert response.status == 200


@pytest.mark.parametrize(("target", "status"), [("/%ff", 400), ("/%00", 404), ("/%", 404)])
def test_odd_paths_are_answered_on_the_wire(origin: str, target: str, status: int) -> None:
    response, _ = exchange(origin, get(target, urlsplit(origin).netloc))

    assert response.status == status


def test_a_page_at_the_address_goes_to_the_name(origin: str) -> None:
    port = urlsplit(origin).port

    response, _ = exchange(origin, get("/account/login/?next=/x", f"{LOOPBACK}:{port}"))

    assert response.status == 307
    assert response.headers["Location"] == f"{origin}/account/login/?next=/x"
