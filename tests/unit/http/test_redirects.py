"""Where `next` may lead: a path of ours, whatever a browser makes of it."""

import re
from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pyramid.request import Request

from warehouse_mfa.http import SeeOther, is_own_path

HERE = "https://pypi.example/account/login/?next=x"


def host_for_a_browser(reference: str) -> str | None:
    """Return the host that a browser goes to from `HERE`; `None` for one that is not http at all.

    The URL Standard's parser, §4.4, as far as the host: C0 controls and blanks around it go, tabs
    and line breaks go wherever they are, and a backslash is a slash.
    """
    text = reference.strip("".join(map(chr, range(0x21))))
    text = re.sub(r"[\t\r\n]", "", text)
    scheme = re.match(r"([A-Za-z][A-Za-z0-9+.-]*):", text)
    if scheme:
        if scheme[1].lower() not in ("http", "https"):
            return None
        rest = text[scheme.end() :]
        if scheme[1].lower() == "https" and not re.match(r"[/\\]", rest):
            return "pypi.example"  # "https:path" is relative to a page of the same scheme
        return authority(rest.lstrip("/\\"))
    if re.match(r"[/\\]{2}", text):
        return authority(text.lstrip("/\\"))
    return "pypi.example"


def authority(rest: str) -> str:
    """Return the host of what follows the slashes: without credentials and port."""
    before_path = re.split(r"[/\\?#]", rest, maxsplit=1)[0]
    return before_path.rpartition("@")[2].partition(":")[0].lower()


TRICKS = st.sampled_from(
    [
        *"/\\\t\r\n @:?#.%[];&=",
        "//",
        "..",
        "evil.example",
        "https:",
        "http://",
        "javascript:",
        "data:",
        "%2f",
        "%5c",
        "%09",
        "\x00",
        "\x1f",
        "\x7f",
        "\x85",
        "\u2028",
        "\uff0f",
        "\u3002",
        "ß",
        "pypi.example",
        "user:pass@",
        "a",
    ]
)
REFERENCES = st.one_of(
    st.lists(TRICKS, max_size=8).map("".join),
    st.lists(TRICKS, max_size=8).map(lambda parts: "/" + "".join(parts)),
    st.text(max_size=20).map(lambda text: "/" + text),
)


@pytest.mark.attack("P-012")
@settings(deadline=None)
@given(reference=REFERENCES)
@example("//evil.example")
@example("/\\evil.example")
@example("/\t/evil.example")
@example("\x01//evil.example")
@example("https:evil.example")
@example("/..//evil.example")
@example("/.//evil.example")
def test_what_passes_stays_on_our_origin_in_every_reading(reference: str) -> None:
    if not is_own_path(reference):
        return

    assert host_for_a_browser(reference) == "pypi.example"
    joined = urlsplit(urljoin(HERE, reference))
    assert (joined.scheme, joined.netloc) == ("https", "pypi.example")
    assert reference.isascii()
    assert reference.isprintable()


@settings(deadline=None)
@given(
    path=st.lists(st.from_regex(r"[a-z0-9._~!$&'()*+,;=:@%-]{1,8}", fullmatch=True), max_size=5),
    query=st.from_regex(r"([a-z]{1,5}=[a-z0-9%/?:@]{0,8})?", fullmatch=True),
)
def test_every_plain_path_of_ours_passes(path: list[str], query: str) -> None:
    reference = "/" + "/".join(path) + ("?" + query if query else "")

    assert is_own_path(reference)


@pytest.mark.parametrize(
    ("reference", "host"),
    [
        ("/path", "pypi.example"),
        ("//evil.example/x", "evil.example"),
        ("/\\evil.example", "evil.example"),
        ("\\\\evil.example", "evil.example"),
        ("/\n/evil.example", "evil.example"),
        (" https://u:p@evil.example:8/", "evil.example"),
        ("http:evil.example", "evil.example"),
        ("javascript:x", None),
        ("x//evil.example", "pypi.example"),
    ],
)
def test_the_judge_sees_what_browsers_do(reference: str, host: str | None) -> None:
    assert host_for_a_browser(reference) == host


@pytest.mark.parametrize("length", [2048, 2049])
def test_a_path_has_at_most_2048_characters(length: int) -> None:
    assert is_own_path("/" + "a" * (length - 1)) is (length <= 2048)


@pytest.mark.parametrize("nothing", ["", " ", "?", "#x", "path", ".", "..", "./x"])
def test_what_does_not_begin_at_the_root_does_not_pass(nothing: str) -> None:
    assert not is_own_path(nothing)


def test_an_answer_that_leads_on_has_no_page_of_its_own() -> None:
    request = Request.blank("/", headers={"Accept": "text/html"})

    response = request.get_response(SeeOther("/next"))

    assert (response.status_int, response.body) == (303, b"")
    assert response.headers["Location"] == "http://localhost/next"
