"""Cookies: their names and flags, and sealed ones that only we can make and read."""

import base64
from datetime import timedelta

import pytest

from tests.common.jars import copy_cookies, drop_cookie
from tests.common.overhearing import overhear
from tests.common.people import Person
from tests.common.registering import register
from tests.common.site import HTTPS, KEYS, Site
from tests.common.submissions import LOG_OUT, VERIFY
from tests.common.visitor import PROVISION_TOTP, Visitor
from tests.common.walk import walk
from warehouse_mfa.http import SealedCookie, flashes
from warehouse_mfa.mail import links
from warehouse_mfa.totp import views as totp

NAMES = {"session", "login", "device", "csrf", "mailed", "enroll", "flash"}
OTHER_KEYS = "test:" + base64.b64encode(b"another key, also 32 bytes long!").decode()


@pytest.mark.attack("P-083")
def test_every_cookie_is_kept_from_scripts_other_hosts_and_other_sites(
    site: Site, visitor: Visitor
) -> None:
    answers = overhear(visitor)

    walk(site, visitor)

    cookies = [cookie for answer in answers for cookie in answer.cookies]
    is_https = site.origin == HTTPS
    prefix = "__Host-" if is_https else ""
    assert {cookie.key for cookie in cookies} == {prefix + name for name in NAMES}
    for cookie in cookies:
        assert cookie["httponly"] is True, cookie
        assert bool(cookie["secure"]) is is_https, cookie
        assert (cookie["path"], cookie["samesite"], cookie["domain"]) == ("/", "Lax", ""), cookie
        assert len(cookie.OutputString()) < 4096, cookie


@pytest.mark.attack("P-083")
def test_what_ends_with_the_browser_has_no_lifetime_and_the_device_has_a_year(
    site: Site, visitor: Visitor, user_with_totp: Person
) -> None:
    answers = overhear(visitor)

    visitor.log_in(user_with_totp)

    ages = {
        cookie.key.removeprefix("__Host-"): cookie["max-age"]
        for answer in answers
        for cookie in answer.cookies
        if cookie.value
    }
    assert ages == {"csrf": "", "login": "", "session": "", "device": str(365 * 24 * 3600)}


@pytest.mark.attack("P-020")
def test_a_sealed_cookie_shows_nothing_of_what_it_holds(
    visitor: Visitor, user_without_factor: Person
) -> None:
    visitor.give_password(user_without_factor)
    page = visitor.get(PROVISION_TOTP, status=200)

    sealed = unsealed_bytes(visitor, "enroll")

    secret = base64.b32decode(page.html.select_one(".secret bdi").text.replace(" ", ""))
    assert secret not in sealed
    assert str(user_without_factor.user_id).encode() not in sealed


@pytest.mark.parametrize("position", [0, 1, 5, 6, 12, 20, 40, -17, -16, -1])
def test_a_sealed_cookie_that_was_changed_is_no_cookie(
    site: Site, visitor: Visitor, position: int
) -> None:
    give_flash(site, visitor)
    sealed = bytearray(unsealed_bytes(visitor, "flash"))
    sealed[position] ^= 1
    put(visitor, "flash", base64.urlsafe_b64encode(sealed).rstrip(b"=").decode())

    page = visitor.get("/", status=200)

    assert page.html.select(".flash") == []


@pytest.mark.parametrize(
    "value", ["", "x", "=", "AAAA", "%00", "é", "A" * 4000, '"quoted"', "a b", "\\377", "....."]
)
@pytest.mark.parametrize("name", ["flash", "mailed", "enroll", "session", "login", "device"])
def test_rubbish_in_a_cookie_is_no_cookie(
    site: Site, visitor: Visitor, user_without_factor: Person, name: str, value: str
) -> None:
    if name != "session":
        visitor.give_password(user_without_factor)
    put(visitor, name, value)

    statuses = [
        visitor.get(path, status="*").status_int
        for path in ("/", "/account/login/", "/account/two-factor/", VERIFY, PROVISION_TOTP)
    ]

    assert max(statuses) < 500
    assert statuses[0] == 200


@pytest.mark.parametrize(
    "header",
    [
        '__Host-session="\\377"; session="\\377"',
        'other="\xff"',
        "=;;;===; ;",
        "\xff\xfe=\xfd",
        "; ".join(f"c{number}=1" for number in range(500)),
    ],
)
def test_cookies_of_other_programs_do_no_harm(site: Site, visitor: Visitor, header: str) -> None:
    visitor.extra_environ["HTTP_COOKIE"] = header

    page = visitor.get("/account/login/", status=200)

    assert "login-form" in page.forms


def test_an_unreadable_cookie_of_another_program_does_not_log_out(
    visitor: Visitor, user_with_totp: Person
) -> None:
    visitor.log_in(user_with_totp)
    visitor.set_cookie("theirs", "x")
    for cookie in visitor.cookiejar:
        if cookie.name == "theirs":
            cookie.value = '"\\377"'

    visitor.get("/manage/account/", status=200)


def test_a_sealed_cookie_is_worth_nothing_under_another_name(site: Site, visitor: Visitor) -> None:
    register(visitor)
    (mail,) = site.mails()
    visitor.get(mail.link, status=303)
    put(visitor, "flash", visitor.cookie("mailed"))
    with site.scope() as request:
        flash = flashes.COOKIE.seal(request, ["verify-email", "x"])
    put(visitor, "mailed", flash)

    page = visitor.get(VERIFY, status=410)

    assert page.html.select(".flash") == []


@pytest.mark.parametrize(
    ("origin", "keys"),
    [("https://test.pypi.example", KEYS), ("http://localhost:8001", KEYS), (None, OTHER_KEYS)],
    ids=["another https site", "another http site", "other keys"],
)
def test_a_sealed_cookie_of_another_deployment_is_no_cookie(
    site: Site, visitor: Visitor, database_url: str, origin: str | None, keys: str
) -> None:
    twin = Site(database_url, origin or site.origin, secret_keys=keys)
    with twin.scope() as request:
        foreign = flashes.COOKIE.seal(request, [["success", "from elsewhere"]])
    twin.close()
    put(visitor, "flash", foreign)

    page = visitor.get("/", status=200)

    assert page.html.select(".flash") == []


def test_a_sealed_cookie_outlives_a_rotation_of_keys_while_the_old_key_is_there(
    site: Site, visitor: Visitor, database_url: str
) -> None:
    give_flash(site, visitor)
    rotated = Site(
        database_url, site.origin, secret_keys=f"{OTHER_KEYS.replace('test:', 'new:')},{KEYS}"
    )

    page = copy_cookies(visitor, rotated.visitor()).get("/", status=200)
    rotated.close()

    assert [flash.text.strip() for flash in page.html.select(".flash")] != []


@pytest.mark.parametrize(
    ("cookie", "life", "value"),
    [
        (flashes.COOKIE, timedelta(minutes=5), [["success", "hello"]]),
        (totp.COOKIE, timedelta(minutes=10), ["a", "b", "AAAA"]),
        (links.COOKIE, timedelta(hours=1), ["verify-email", "x"]),
    ],
    ids=["flash", "enroll", "mailed"],
)
def test_a_sealed_cookie_ends_though_the_browser_keeps_it(
    site: Site, cookie: SealedCookie, life: timedelta, value: object
) -> None:
    with site.scope() as request:
        sealed = cookie.seal(request, value)
        request.environ["HTTP_COOKIE"] = f"{cookie.full_name(request)}={sealed}"

        site.clock.advance(seconds=life.total_seconds() - 1)
        last_moment = cookie.open(request)
        site.clock.advance(seconds=1)
        too_late = cookie.open(request)

    assert (last_moment, too_late) == (value, None)


@pytest.mark.attack("P-072")
def test_the_sealed_secret_of_one_person_is_nothing_in_the_session_of_another(
    site: Site, user_without_factor: Person
) -> None:
    mallory, dave = site.visitor(), site.visitor()
    mallory.give_password(site.person("mallory"))
    stolen = mallory.get(PROVISION_TOTP, status=200).html.select_one(".secret bdi").text
    dave.give_password(user_without_factor)
    copy_cookies(mallory, dave, "enroll")

    page = dave.get(PROVISION_TOTP, status=200)

    assert page.html.select_one(".secret bdi").text != stolen


@pytest.mark.attack("P-072")
def test_the_sealed_secret_is_nothing_after_another_login(
    visitor: Visitor, user_without_factor: Person
) -> None:
    visitor.give_password(user_without_factor)
    before = visitor.get(PROVISION_TOTP, status=200).html.select_one(".secret bdi").text
    visitor.form(LOG_OUT, "logout-form").submit(status=303)
    visitor.give_password(user_without_factor)

    page = visitor.get(PROVISION_TOTP, status=200)

    assert page.html.select_one(".secret bdi").text != before


def give_flash(site: Site, visitor: Visitor) -> None:
    """Log out, which says so on the next page; and do not look at it."""
    visitor.give_password(site.person("flo"))
    visitor.form(LOG_OUT, "logout-form").submit(status=303)


def unsealed_bytes(visitor: Visitor, name: str) -> bytes:
    text = visitor.cookie(name) or ""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def put(visitor: Visitor, name: str, value: str) -> None:
    """Put a cookie into the jar as it would be sent, whatever its value."""
    full_name = f"__Host-{name}" if visitor.origin == HTTPS else name
    drop_cookie(visitor, name)
    visitor.set_cookie(full_name, "placeholder")
    for cookie in visitor.cookiejar:
        if cookie.name == full_name:
            cookie.value = value.encode().decode("latin-1")
