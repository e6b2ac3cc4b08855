"""Static files: what is in the folder, compressed, kept for ever, and nothing beside it."""

import gzip
import re
from pathlib import Path

import pytest
from webob import Request, Response

from tests.common.site import Site
from tests.common.visitor import Visitor
from warehouse_mfa.paths import data_dir

TOKENS = "/static/css/tokens.css"
LARGEST_VISIT = 25_000
"""The goal is 40 KB; whoever adds to this adds to what every new visitor waits for."""
FILES = sorted(
    file.relative_to(data_dir("static")).as_posix()
    for file in data_dir("static").rglob("*")
    if file.is_file()
)
FIRST_VISIT = 40_000  # bytes, as a proxy that compresses sends them
TYPES = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".json": "application/json",
    ".svg": "image/svg+xml",
}


@pytest.mark.parametrize("name", FILES)
def test_every_file_is_served_as_what_it_is(visitor: Visitor, name: str) -> None:
    answer = visitor.get(f"/static/{name}", status=200)

    assert answer.content_type == TYPES[Path(name).suffix]
    assert answer.body == (data_dir("static") / name).read_bytes()


def fetch(site: Site, address: str, **headers: str) -> Response:
    """Fetch a file as it is sent; WebTest would expand it."""
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return Request.blank(address, headers=sent).get_response(site.application)


def addresses(page: Response) -> list[str]:
    """Return the static files that a browser fetches for a page."""
    return list(dict.fromkeys(re.findall(r"/static/[^\"]+", page.text)))


def test_a_file_is_kept_for_ever_under_the_address_that_pages_use(visitor: Visitor) -> None:
    address = addresses(visitor.get("/", status=200))[0]

    answer = visitor.get(address, status=200)

    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers.getall("Set-Cookie") == []


@pytest.mark.parametrize("query", ["", "?v=", "?v=0123456789abcdef", "?w=1"])
def test_under_any_other_address_it_is_asked_for_again(visitor: Visitor, query: str) -> None:
    answer = visitor.get(TOKENS + query, status=200)
    again = visitor.get(TOKENS + query, headers={"If-None-Match": answer.headers["ETag"]})

    assert answer.headers["Cache-Control"] == "no-cache"
    assert again.status_int == 304
    assert again.body == b""


@pytest.mark.parametrize("accepted", ["gzip", "gzip, deflate, br, zstd", "br;q=1.0, gzip;q=0.5"])
@pytest.mark.parametrize("name", FILES)
def test_a_file_is_compressed_where_that_is_shorter(site: Site, name: str, accepted: str) -> None:
    body = (data_dir("static") / name).read_bytes()

    answer = fetch(site, f"/static/{name}", Accept_Encoding=accepted)

    is_compressed = answer.headers.get("Content-Encoding") == "gzip"
    assert (gzip.decompress(answer.body) if is_compressed else answer.body) == body
    assert len(answer.body) == min(len(body), len(gzip.compress(body, mtime=0)))
    assert answer.headers["Vary"] == "Accept-Encoding"


@pytest.mark.parametrize(
    "refused", [{}, {"Accept_Encoding": "br"}, {"Accept_Encoding": "gzip;q=0"}]
)
def test_whoever_does_not_take_gzip_gets_none(site: Site, refused: dict[str, str]) -> None:
    plain = fetch(site, TOKENS, **refused)
    compressed = fetch(site, TOKENS, Accept_Encoding="gzip")

    assert "Content-Encoding" not in plain.headers
    assert plain.body == gzip.decompress(compressed.body)
    assert plain.headers["ETag"] != compressed.headers["ETag"]


@pytest.mark.parametrize("path", ["/", "/account/login/", "/account/register/"])
def test_a_first_visit_takes_few_bytes(site: Site, path: str) -> None:
    page = fetch(site, path)

    fetched = [fetch(site, one, Accept_Encoding="gzip") for one in addresses(page)]

    assert len(fetched) > 5
    assert sum(len(answer.body) for answer in (page, *fetched)) < LARGEST_VISIT


def test_an_address_on_a_page_changes_with_the_content(visitor: Visitor) -> None:
    page = visitor.get("/", status=200)

    sheets = [each["href"] for each in page.html.select("link[rel=stylesheet]")]
    assert len(sheets) > 1
    for address in sheets:
        assert re.fullmatch(r"/static/css/[a-z]+\.css\?v=[0-9a-f]{16}", address)
        visitor.get(address, status=200)


def test_a_first_visit_takes_less_than_forty_kilobytes(visitor: Visitor) -> None:
    page = visitor.get("/account/login/", status=200)
    links = page.html.select("link[rel=stylesheet], link[rel=icon], script[src], img[src]")
    addresses = {each.get("href") or each["src"] for each in links}

    bodies = [page.body, *(visitor.get(address, status=200).body for address in addresses)]
    # More than a visit takes: a browser fetches an image of the style sheets when it is shown.
    drawings = {
        name for body in bodies for name in re.findall(rb"\.\./(images/[a-z-]+\.svg)", body)
    }
    bodies += [visitor.get(f"/static/{name.decode()}", status=200).body for name in drawings]

    assert len(addresses) > 6
    assert sum(len(gzip.compress(body)) for body in bodies) < FIRST_VISIT


@pytest.mark.parametrize(
    "path",
    [
        "/static",
        "/static/",
        "/static/css/",
        "/static/nothing.css",
        "/static/../setup.cfg",
        "/static/css/../../setup.cfg",
        "/static/%2e%2e/setup.cfg",
        "/static/css/%2e%2e/%2e%2e/setup.cfg",
        "/static/..%2fsetup.cfg",
        "/static/..%5csetup.cfg",
        "/static/%252e%252e/setup.cfg",
        "/static//etc/passwd",
        "/static/%2fetc/passwd",
        "/static/css/tokens.css%00",
        "/static/css/tokens.css%00.js",
        "/static/css/tokens.css/x",
        "/static/~root/.profile",
        "/static/css/TOKENS.CSS",
        "/static/css/tokens.css.gz",
        "/STATIC/css/tokens.css",
    ],
)
def test_there_is_nothing_beside_the_files_and_no_list_of_them(visitor: Visitor, path: str) -> None:
    answer = visitor.get(path, status="*")

    assert answer.status_int == 404
    assert "tokens.css</a>" not in answer.text


@pytest.mark.parametrize("path", ["/static/css", "/static/css?x=//evil.example"])
def test_a_folder_sends_nobody_away(visitor: Visitor, path: str) -> None:
    visitor.get(path, status=404)


def test_a_file_takes_no_forms(visitor: Visitor) -> None:
    answer = visitor.post(TOKENS, {"a": "b"}, status="*")

    assert answer.status_int in (400, 404, 405)
