"""Static files: what is in the folder, kept for a while, and nothing beside it."""

import gzip
import re
from pathlib import Path

import pytest

from tests.common.site import Site
from tests.common.visitor import Visitor
from warehouse_mfa.paths import data_dir

TOKENS = "/static/css/tokens.css"
FILES = sorted(
    file.relative_to(data_dir("static")).as_posix()
    for file in data_dir("static").rglob("*")
    if file.is_file()
)
FIRST_VISIT = 40_000  # bytes, as a proxy that compresses sends them
TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


@pytest.mark.parametrize("name", FILES)
def test_every_file_is_served_as_what_it_is(visitor: Visitor, name: str) -> None:
    answer = visitor.get(f"/static/{name}", status=200)

    assert answer.content_type == TYPES[Path(name).suffix]
    assert answer.body == (data_dir("static") / name).read_bytes()


def test_a_file_may_be_kept_and_says_when_it_changed(visitor: Visitor) -> None:
    answer = visitor.get(TOKENS, status=200)

    assert answer.headers["Cache-Control"] == "max-age=3600"
    assert answer.headers["Last-Modified"]
    assert answer.headers.getall("Set-Cookie") == []


def test_an_address_on_a_page_changes_with_the_content(visitor: Visitor) -> None:
    page = visitor.get("/", status=200)

    addresses = [each["href"] for each in page.html.select("link[rel=stylesheet]")]
    assert len(addresses) > 1
    for address in addresses:
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


def test_a_folder_sends_nobody_away(site: Site, visitor: Visitor) -> None:
    answer = visitor.get("/static/css?x=//evil.example", status=301)

    assert answer.headers["Location"].startswith(f"{site.origin}/static/css/")


def test_a_file_takes_no_forms(visitor: Visitor) -> None:
    answer = visitor.post(TOKENS, {"a": "b"}, status="*")

    assert answer.status_int in (400, 404, 405)


def test_names_that_nobody_has_leave_nothing_in_memory(site: Site, visitor: Visitor) -> None:
    (view,) = [
        item["introspectable"]["callable"]
        for item in site.config.introspector.get_category("views")
        if item["introspectable"]["route_name"] == "__static/"
    ]

    for number in range(20):
        visitor.get(f"/static/{number}.css", status=404)

    assert view.filemap == {}
