"""The headers of every kind of answer."""

from collections.abc import Callable

import pytest

from tests.common.overhearing import Answer, overhear
from tests.common.people import Person
from tests.common.registering import register
from tests.common.routes import doors
from tests.common.site import HTTPS, Site
from tests.common.standings import STANDINGS
from tests.common.submissions import LOG_IN, VERIFY
from tests.common.visitor import PROVISION_KEY, PROVISION_TOTP, Visitor
from tests.common.walk import walk
from warehouse_mfa.http import is_own_path

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)
JSON = {"Accept": "application/json"}
STATIC = "/static/css/tokens.css"


def redirect(site: Site, visitor: Visitor) -> None:
    visitor.get("/manage/account/", status=303)


def qr_code(site: Site, visitor: Visitor) -> None:
    visitor.give_password(site.person("dave"))
    visitor.get(PROVISION_TOTP, status=200)
    visitor.get(f"{PROVISION_TOTP}/image", status=200)


def options(site: Site, visitor: Visitor) -> None:
    visitor.give_password(site.person("dave"))
    visitor.get(f"{PROVISION_KEY}/options", status=200)


def forbidden(site: Site, visitor: Visitor) -> None:
    visitor.log_in(site.person("alice", totp=True))
    visitor.get("/forgotten", status=403)


def dead_link(site: Site, visitor: Visitor) -> None:
    visitor.get(f"{VERIFY}?token=nothing", status=303).follow(status=410)


def too_large(site: Site, visitor: Visitor) -> None:
    visitor.post(LOG_IN, "a=" + "b" * 65_536, status=413)


def refused(site: Site, visitor: Visitor) -> None:
    visitor.form(LOG_IN, "login-form").submit(status=422)


def limited(site: Site, visitor: Visitor) -> None:
    fields = {"username": "nobody", "password": "a wrong password"}
    for _ in range(2):
        visitor.post_form(LOG_IN, fields, status=422)
    visitor.post_form(LOG_IN, fields, status=429)


ANSWERS: dict[str, Callable[[Site, Visitor], object]] = {
    "200 page": lambda site, visitor: visitor.get("/", status=200),
    "200 JSON": options,
    "200 SVG": qr_code,
    "200 static": lambda site, visitor: visitor.get(STATIC, status=200),
    "200 text": lambda site, visitor: visitor.get("/.well-known/security.txt", status=200),
    "200 health": lambda site, visitor: visitor.get("/_health/live", status=200),
    "200 HEAD": lambda site, visitor: visitor.head("/", status=200),
    "303 not logged in": redirect,
    "404 static folder": lambda site, visitor: visitor.get("/static/css", status=404),
    "400": lambda site, visitor: visitor.post(LOG_IN, {}, status=400),
    "400 JSON": lambda site, visitor: visitor.post(LOG_IN, {}, headers=JSON, status=400),
    "400 path": lambda site, visitor: visitor.get("/%ff", status=400),
    "401 JSON": lambda site, visitor: visitor.get(f"{PROVISION_KEY}/options", status=401),
    "403": forbidden,
    "404": lambda site, visitor: visitor.get("/nowhere", status=404),
    "404 static": lambda site, visitor: visitor.get("/static/nothing.css", status=404),
    "405": lambda site, visitor: visitor.request("/", method="DELETE", status=405),
    "405 on a known path": lambda site, visitor: visitor.post("/", status=405),
    "410": dead_link,
    "413": too_large,
    "422": refused,
    "429": limited,
    "500": lambda site, visitor: visitor.get("/broken", status=500),
    "500 JSON": lambda site, visitor: visitor.get("/broken", headers=JSON, status=500),
    "503": lambda site, visitor: visitor.get("/unavailable", status=503),
}


def check(answer: Answer, *, is_https: bool) -> None:
    """Assert what holds for each and every answer."""
    assert answer.header("Content-Security-Policy") == CONTENT_SECURITY_POLICY, answer
    assert answer.header("X-Content-Type-Options") == "nosniff", answer
    assert answer.header("Cross-Origin-Opener-Policy") == "same-origin", answer
    assert answer.header("Cross-Origin-Resource-Policy") == "same-origin", answer
    permissions = str(answer.header("Permissions-Policy"))
    assert "publickey-credentials-create=(self)" in permissions, answer
    assert "publickey-credentials-get=(self)" in permissions, answer
    assert "camera=()" in permissions, answer
    transport = answer.header("Strict-Transport-Security")
    assert (transport or "").startswith("max-age=63072000") is is_https, answer
    for name in ("Server", "X-Powered-By", "Via", "Access-Control-Allow-Origin"):
        assert answer.header(name) is None, answer


@pytest.mark.attack("P-089")
@pytest.mark.parametrize("kind", ANSWERS)
def test_every_answer_has_the_headers(rigged_site: Site, kind: str) -> None:
    visitor = rigged_site.visitor()
    answers = overhear(visitor)

    ANSWERS[kind](rigged_site, visitor)

    answer = answers[-1]
    check(answer, is_https=rigged_site.origin == HTTPS)
    assert answer.header("Referrer-Policy") == "strict-origin-when-cross-origin"
    is_the_same_for_all = kind == "200 static"
    assert answer.header("Cache-Control") == ("no-cache" if is_the_same_for_all else "no-store")


@pytest.mark.attack("P-089")
def test_every_answer_of_a_long_walk_has_the_headers(site: Site, visitor: Visitor) -> None:
    answers = overhear(visitor)

    walk(site, visitor)

    assert len(answers) > 40
    for answer in answers:
        check(answer, is_https=site.origin == HTTPS)
        # Nothing that depends on a person may be kept, by a browser or on the way.
        assert answer.header("Cache-Control") == "no-store", answer


@pytest.mark.attack("P-090")
def test_the_address_that_held_a_token_is_told_to_nobody(site: Site, visitor: Visitor) -> None:
    register(visitor)
    (mail,) = site.mails()

    moved = visitor.get(mail.link, status=303)
    page = moved.follow(status=200)

    assert moved.headers["Referrer-Policy"] == "no-referrer"
    assert moved.headers["Location"] == site.origin + VERIFY
    assert page.headers["Referrer-Policy"] == "strict-origin-when-cross-origin"


@pytest.mark.attack("P-089")
@pytest.mark.parametrize("standing", STANDINGS)
def test_a_page_loads_nothing_from_elsewhere_and_holds_nothing_inline(
    site: Site, standing: str
) -> None:
    visitor = STANDINGS[standing](site)
    answers = [visitor.get(door.path, status="*") for door in doors(method="GET")]
    pages = [answer.html for answer in answers if answer.content_type == "text/html"]

    for page in pages:
        assert page.select("style, base, iframe, object, embed, meta[http-equiv]") == []
        assert page.select("[style], [href^='javascript:'], [src^='data:']") == []
        assert [script for script in page.select("script") if script.text.strip()] == []
        for element in page.find_all():
            assert [name for name in element.attrs if name.startswith("on")] == [], element
        for name in ("src", "href", "action"):
            for element in page.select(f"[{name}]:not(a)"):
                assert is_own_path(element[name]), element
    assert len(pages) > 3


def test_logging_out_empties_the_storage_but_not_the_cookies(
    visitor: Visitor, user_with_totp: Person
) -> None:
    visitor.log_in(user_with_totp)

    answer = visitor.form("/account/logout/", "logout-form").submit(status=303)

    assert answer.headers["Clear-Site-Data"] == '"storage"'
    assert visitor.cookie("device") is not None
