"""Origin and client address follow the settings, never what a request says of itself."""

from collections.abc import Iterator

import pytest

from tests.common.registering import NEWTON, REGISTER
from tests.common.routes import doors
from tests.common.site import HTTPS, Site
from tests.common.standings import STANDINGS
from tests.common.submissions import LOG_IN
from tests.common.visitor import KEY, PROVISION_KEY, Visitor

EVIL = "evil.example"
HEADERS = {
    "HTTP_HOST": EVIL,
    "HTTP_X_FORWARDED_HOST": EVIL,
    "HTTP_X_FORWARDED_PROTO": "gopher",
    "HTTP_X_FORWARDED_PORT": "6666",
    "HTTP_X_FORWARDED_PREFIX": f"//{EVIL}",
    "HTTP_FORWARDED": f"for={EVIL};host={EVIL};proto=gopher",
    "HTTP_X_ORIGINAL_URL": f"//{EVIL}/",
    "HTTP_X_REWRITE_URL": f"//{EVIL}/",
    "HTTP_X_HTTP_METHOD_OVERRIDE": "DELETE",
    "SERVER_NAME": EVIL,
}


def lie(visitor: Visitor, **headers: str) -> None:
    """Let the visitor ask for another host from now on, with the cookies it has for ours."""
    cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in visitor.cookiejar)
    visitor.extra_environ.update({**HEADERS, "HTTP_COOKIE": cookies, **headers})
    visitor.lint = False


LOOPBACK = ["127.0.0.1", "127.0.0.1:8000", "[::1]", "[::1]:8000"]


@pytest.mark.attack("P-095")
@pytest.mark.parametrize("standing", STANDINGS)
def test_a_foreign_host_changes_no_page_no_redirect_and_no_cookie(
    site: Site, standing: str
) -> None:
    visitor = STANDINGS[standing](site)
    if standing == "a stranger":
        visitor.get(LOG_IN, status=200)
    lie(visitor)

    for door in doors(method="GET"):
        answer = visitor.get(door.path, status="*")
        assert answer.status_int < 500, door
        assert EVIL not in answer.text, door
        assert "gopher" not in answer.text, door
        assert EVIL not in str(answer.headerlist), door
        assert answer.headers.get("Location", site.origin).startswith(site.origin), door


@pytest.mark.attack("P-095")
@pytest.mark.parametrize("host", [EVIL, "localhost:80@evil.example", "evil.example:80", "a b"])
def test_mailed_links_have_our_origin(site: Site, visitor: Visitor, host: str) -> None:
    form = visitor.form(REGISTER, "register-form")
    for name, value in NEWTON.items():
        form[name] = value
    lie(visitor, HTTP_HOST=host)

    answer = form.submit(status=303)

    (mail,) = site.mails()
    assert f"{site.origin}/account/verify-email/?token=" in mail.text
    assert EVIL not in mail.text + mail.html + mail.subject
    assert answer.headers["Location"] == f"{site.origin}/manage/unverified-account/"


@pytest.mark.attack("P-054")
def test_the_relying_party_is_that_of_the_settings(site: Site) -> None:
    newcomer = STANDINGS["without a factor"](site)
    owing = STANDINGS["owing an assertion"](site)
    lie(newcomer)
    lie(owing)

    registering = newcomer.get(f"{PROVISION_KEY}/options", status=200).json
    authenticating = owing.get(f"{KEY}/options", status=200).json

    host = site.settings.relying_party_id
    assert (registering["rp"]["id"], authenticating["rpId"]) == (host, host)


def test_a_foreign_host_with_its_own_origin_is_cross_site(site: Site, visitor: Visitor) -> None:
    form = visitor.form(LOG_IN, "login-form")
    lie(visitor)

    form.submit(headers={"Origin": f"https://{EVIL}"}, status=400)

    assert site.tags() == []


# Loopback addresses, in development


@pytest.mark.parametrize("host", LOOPBACK)
def test_a_page_asked_at_an_address_goes_to_the_name(
    site: Site, visitor: Visitor, host: str
) -> None:
    """A security key knows names only."""
    visitor.extra_environ["HTTP_HOST"] = host

    answer = visitor.get("/account/login/?next=%2Fa%3Fb", status=307)
    head = visitor.head("/account/%C3%BC", status=307)

    assert answer.headers["Location"] == f"{site.origin}/account/login/?next=%2Fa%3Fb"
    assert head.headers["Location"] == f"{site.origin}/account/%C3%BC"


@pytest.mark.parametrize("path", ["//evil.example/", "/\\evil.example", "/@evil.example"])
def test_the_way_to_the_name_leaves_to_nowhere_else(
    site: Site, visitor: Visitor, path: str
) -> None:
    visitor.extra_environ.update({"HTTP_HOST": "127.0.0.1", "PATH_INFO": path})
    request = visitor.RequestClass.blank("/")
    request.environ.update(visitor.extra_environ)

    answer = visitor.do_request(request, status=307)

    assert answer.headers["Location"].startswith(f"{site.origin}/")


@pytest.mark.parametrize(
    ("query", "quoted"),
    [("next=/a?b&c=%2Fd", "next=/a?b&c=%2Fd"), ("a=\x93\xf1 b", "a=%93%F1%20b")],
)
def test_the_way_to_the_name_takes_its_query_along_and_nothing_that_breaks_a_header(
    site: Site, visitor: Visitor, query: str, quoted: str
) -> None:
    visitor.extra_environ.update({"HTTP_HOST": "127.0.0.1", "QUERY_STRING": query})
    request = visitor.RequestClass.blank("/")
    request.environ.update(visitor.extra_environ)

    answer = visitor.do_request(request, status=307)

    assert answer.headers["Location"] == f"{site.origin}/?{quoted}"


@pytest.mark.parametrize("host", ["localhost:8000", "127.0.0.1.evil.example", "127.0.0.12", "::1"])
def test_other_hosts_are_served_as_they_are(visitor: Visitor, host: str) -> None:
    visitor.extra_environ["HTTP_HOST"] = host

    visitor.get(LOG_IN, status=200)


def test_a_post_and_a_health_check_are_not_sent_elsewhere(visitor: Visitor) -> None:
    visitor.extra_environ["HTTP_HOST"] = "127.0.0.1:8000"

    visitor.get("/_health/live", status=200)
    visitor.post(LOG_IN, {}, status=400)


def test_in_production_nothing_is_sent_to_localhost(production: Site) -> None:
    visitor = production.visitor()
    visitor.extra_environ["HTTP_HOST"] = "127.0.0.1:8000"

    visitor.get(LOG_IN, status=200)


# Proxies


@pytest.fixture
def behind_proxies(database_url: str) -> Iterator[Site]:
    site = Site(database_url, HTTPS, trusted_proxies="10.0.0.0/8, 2001:db8:1::/48")
    yield site
    site.reset()
    site.close()


def addresses(site: Site) -> list[str]:
    return [
        row[0]
        for row in site.rows("SELECT DISTINCT value FROM event_private WHERE field = 'address'")
    ]


@pytest.mark.attack("P-036")
def test_forwarding_headers_of_a_stranger_do_not_change_who_is_counted(
    site: Site, visitor: Visitor
) -> None:
    visitor.extra_environ.update(
        HTTP_X_FORWARDED_FOR="198.51.100.1",
        HTTP_FORWARDED="for=198.51.100.1",
        HTTP_X_REAL_IP="9.9.9.9",
    )

    visitor.post_form(LOG_IN, {"username": "nobody", "password": "x"}, status=422)

    assert addresses(site) == ["192.0.2.1"]


@pytest.mark.parametrize(
    ("proxy", "forwarded", "expected"),
    [
        ("10.1.2.3", "198.51.100.1", "198.51.100.1"),
        ("10.1.2.3", "203.0.113.9, 198.51.100.1, 10.9.9.9", "198.51.100.1"),
        ("2001:db8:1::1", "2001:db8:2::7", "2001:db8:2::7"),
        ("192.0.2.1", "198.51.100.1", "192.0.2.1"),
        ("10.1.2.3", "rubbish", "10.1.2.3"),
    ],
)
def test_a_trusted_proxy_says_who_is_asking(
    behind_proxies: Site, proxy: str, forwarded: str, expected: str
) -> None:
    visitor = behind_proxies.visitor(address=proxy)
    visitor.extra_environ["HTTP_X_FORWARDED_FOR"] = forwarded

    visitor.post_form(LOG_IN, {"username": "nobody", "password": "x"}, status=422)

    assert addresses(behind_proxies) == [expected]


def test_a_proxy_does_not_choose_the_host(behind_proxies: Site) -> None:
    visitor = behind_proxies.visitor(address="10.1.2.3")
    visitor.extra_environ.update(HEADERS)

    answer = visitor.get("/manage/account/", status=303)

    assert answer.headers["Location"].startswith(f"{HTTPS}/account/login/")
