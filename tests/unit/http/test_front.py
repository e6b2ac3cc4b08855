"""The outermost layer: whose address it is, and which cookies are read."""

import ipaddress
from io import BytesIO
from typing import Any, NoReturn

import pytest
from hypothesis import example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pyramid.request import Request
from webob.cookies import RequestCookies

from tests.common.routes import NOWHERE
from tests.common.site import HTTPS, environment
from warehouse_mfa import settings
from warehouse_mfa.http.body import LARGEST_BODY
from warehouse_mfa.http.cookies import sent_cookies
from warehouse_mfa.http.front import (
    PLAIN_COOKIE,
    Front,
    client_address,
    keep_body,
    plain_cookies,
)
from warehouse_mfa.settings import Settings

STRANGER = "192.0.2.1"
CLIENT = "198.51.100.1"


def trusting(networks: str) -> Settings:
    return settings.load(environment(NOWHERE, HTTPS, trusted_proxies=networks))


NOBODY = trusting("")
PROXIES = trusting("10.0.0.0/8, 192.168.1.7, 2001:db8:1::/48, fd00::/8")


def not_asked(environ: Any, start_response: Any) -> NoReturn:
    raise AssertionError("the application is not asked")


def address(peer: str | None, forwarded: str | None, trusted: Settings = PROXIES) -> str:
    environ: dict[str, Any] = {}
    if peer is not None:
        environ["REMOTE_ADDR"] = peer
    if forwarded is not None:
        environ["HTTP_X_FORWARDED_FOR"] = forwarded
    return client_address(environ, trusted)


@pytest.mark.attack("P-036")
@pytest.mark.parametrize("peer", [STRANGER, "10.0.0.1", "127.0.0.1", "::1", "2001:db8:1::1"])
def test_without_proxies_the_peer_is_the_client_whatever_it_says(peer: str) -> None:
    assert address(peer, CLIENT, NOBODY) == peer


@pytest.mark.parametrize("peer", ["10.0.0.1", "10.255.255.255", "192.168.1.7", "2001:db8:1::1"])
def test_a_trusted_proxy_is_believed(peer: str) -> None:
    assert address(peer, CLIENT) == CLIENT


@pytest.mark.parametrize(
    "peer", [STRANGER, "11.0.0.1", "192.168.1.8", "2001:db8:2::1", "::1", "127.0.0.1"]
)
def test_anybody_else_is_not(peer: str) -> None:
    assert address(peer, CLIENT) == peer


@pytest.mark.parametrize(
    ("chain", "expected"),
    [
        (f"{CLIENT}", CLIENT),
        (f"{CLIENT}, 10.9.9.9", CLIENT),
        (f"{CLIENT}, 10.9.9.9, 192.168.1.7", CLIENT),
        (f"6.6.6.6, {CLIENT}", CLIENT),
        (f"6.6.6.6, 10.6.6.6, {CLIENT}, 10.9.9.9", CLIENT),
        (f"10.6.6.6, {CLIENT}", CLIENT),
        ("10.1.1.1, 10.2.2.2", "10.1.1.1"),
        ("2001:db8:2::7, 2001:db8:1::9", "2001:db8:2::7"),
        (f"{CLIENT},10.9.9.9", CLIENT),
        (f"  {CLIENT}  ,, 10.9.9.9 ,", CLIENT),
        ("2001:DB8:2:0:0:0:0:7", "2001:db8:2::7"),
    ],
)
def test_the_client_is_the_last_hop_that_nobody_trusts(chain: str, expected: str) -> None:
    assert address("10.0.0.1", chain) == expected


@pytest.mark.parametrize(
    "rubbish",
    [
        "",
        ",",
        "unknown",
        "_hidden",
        "198.51.100.1:4711",
        "[2001:db8:2::7]",
        "198.51.100",
        "198.51.100.01",
        "0xc6336401",
        "198.51.100.1/32",
        '"198.51.100.1"',
        "for=198.51.100.1",
        "<script>",
        "9" * 10_000,
        "\xff",
        "localhost",
    ],
)
def test_rubbish_leaves_the_last_hop_that_is_known(rubbish: str) -> None:
    assert address("10.0.0.1", rubbish) == "10.0.0.1"
    assert address("10.0.0.1", f"{rubbish}, 10.9.9.9") in ("10.9.9.9", "10.0.0.1")


def test_rubbish_beyond_the_client_does_not_matter() -> None:
    assert address("10.0.0.1", f"rubbish, {CLIENT}, 10.9.9.9") == CLIENT


@pytest.mark.parametrize("peer", [None, "", "a unix socket", "10.0.0.1:80"])
def test_a_peer_without_an_address_is_not_trusted(peer: str | None) -> None:
    assert address(peer, CLIENT) == (peer or "0.0.0.0")


def test_an_address_of_version_4_in_version_6_is_not_a_way_into_the_proxies() -> None:
    assert address("::ffff:10.0.0.1", CLIENT) == "::ffff:10.0.0.1"


PARTS = st.one_of(
    st.ip_addresses().map(str),
    st.sampled_from(["10.0.0.1", "10.9.9.9", "2001:db8:1::1", CLIENT, "unknown", "", " ", "a:b"]),
    st.text(st.characters(max_codepoint=255), max_size=12),
)


@hypothesis_settings(deadline=None)
@given(peer=PARTS, hops=st.lists(PARTS, max_size=6))
@example(peer="10.0.0.1", hops=[CLIENT, "10.9.9.9"])
def test_a_stranger_chooses_nothing_and_a_chain_gives_nothing_but_an_address(
    peer: str, hops: list[str]
) -> None:
    found = address(peer, ", ".join(hops))

    if not is_trusted(peer):
        assert found == (peer or "0.0.0.0")
    else:
        assert ipaddress.ip_address(found)


@hypothesis_settings(deadline=None)
@given(hops=st.lists(PARTS, max_size=6))
def test_what_stands_before_the_last_stranger_changes_nothing(hops: list[str]) -> None:
    assert address("10.0.0.1", ", ".join([*hops, CLIENT])) == CLIENT


def is_trusted(text: str) -> bool:
    try:
        parsed = ipaddress.ip_address(text)
    except ValueError:
        return False
    return any(parsed in network for network in PROXIES.trusted_proxies)


# Cookies


@pytest.mark.parametrize(
    ("header", "kept"),
    [
        ("", ""),
        ("session=abc; csrf=d-e_f", "session=abc; csrf=d-e_f"),
        ('session=abc; theirs="\\377"', "session=abc"),
        ('theirs="\xff"; session=abc', "session=abc"),
        ('theirs="x"; session=abc', 'theirs="x"; session=abc'),
        ('theirs="x; session=abc', "session=abc"),
        ("\\", ""),
        ("session=abc; " + "x" * 10_000, "session=abc"),
        ("theirs=(,;[" + "x" * 10_000 + "; session=abc=", "session=abc="),
        ("=x; a b=c; session=abc", "session=abc"),
    ],
)
def test_cookies_that_could_not_be_read_are_left_out(header: str, kept: str) -> None:
    assert plain_cookies(header) == kept


def test_a_long_cookie_costs_no_search() -> None:
    """WebOb's expression took half a minute for what was left of this."""
    hostile = "csrf= ( %\n:\n\t;\r }<},)@+), ]#=\\(? ;'@ /+\"};?>" + "x" * 12_000

    cookies = RequestCookies({"HTTP_COOKIE": plain_cookies(hostile)})

    assert list(cookies) == []


@hypothesis_settings(deadline=None)
@given(pairs=st.lists(st.from_regex(PLAIN_COOKIE, fullmatch=True), max_size=4))
@example(pairs=[])
@example(pairs=["a=1", 'b="2"', 'c=""', "a=3="])
def test_what_is_left_is_read_as_webob_reads_it(pairs: list[str]) -> None:
    sent = {"HTTP_COOKIE": plain_cookies("; ".join(pairs))}

    known = dict(RequestCookies(sent).items())
    assert {name: sent_cookies(Request(sent)).get(name) for name in known} == known


# Bodies


@pytest.mark.parametrize(
    ("headers", "sent", "kept"),
    [
        ({"CONTENT_LENGTH": "3"}, b"abcd", b"abc"),
        ({"CONTENT_LENGTH": "0"}, b"abc", b""),
        ({"CONTENT_LENGTH": ""}, b"abc", b""),
        ({}, b"abc", b""),
        ({"CONTENT_LENGTH": "x"}, b"abc", b""),
        ({"CONTENT_LENGTH": "-1"}, b"abc", b""),
        ({"wsgi.input_terminated": True}, b"abc", b"abc"),
        ({"wsgi.input_terminated": True}, b"a" * 90_000, b"a" * (LARGEST_BODY + 1)),
        ({"CONTENT_LENGTH": "90000"}, b"a" * 90_000, b"a" * (LARGEST_BODY + 1)),
    ],
)
def test_of_a_body_no_more_is_kept_than_refuses_it(
    headers: dict[str, Any], sent: bytes, kept: bytes
) -> None:
    environ = {"wsgi.input": BytesIO(sent), **headers}

    assert keep_body(environ)

    request = Request(environ)
    request.make_body_seekable()  # pyramid_retry does, and has nothing to copy
    assert request.body_file_raw is environ["wsgi.input"]
    assert (request.body, request.content_length) == (kept, len(kept))


def test_a_body_that_ends_before_its_length_is_answered_without_asking() -> None:
    answers: list[str] = []
    environ = {
        "REQUEST_METHOD": "POST",
        "CONTENT_LENGTH": "4",
        "wsgi.input": BytesIO(b"abc"),
        "PATH_INFO": "/",
    }

    Front(not_asked, NOBODY)(environ, lambda status, headers: answers.append(status))

    assert answers == ["400 Bad Request"]


# Environment


@pytest.mark.parametrize("sent", ["evil.example", "", None, "pypi.example:8443"])
@pytest.mark.parametrize("scheme", ["http", "https", "gopher"])
def test_host_and_scheme_are_those_of_the_settings(sent: str | None, scheme: str) -> None:
    seen: dict[str, Any] = {}
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": "/", "wsgi.url_scheme": scheme}
    if sent is not None:
        environ["HTTP_HOST"] = sent

    Front(lambda environ, start_response: seen.update(environ) or [], NOBODY)(environ, print)

    assert (seen["HTTP_HOST"], seen["wsgi.url_scheme"]) == ("pypi.example", "https")
