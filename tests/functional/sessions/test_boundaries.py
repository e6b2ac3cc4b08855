"""A session changes its id at every boundary, and ends with what it rests on."""

import base64

import pytest

from tests.common.jars import copy_cookies, drop_cookie
from tests.common.people import Person
from tests.common.site import HTTPS, Site
from tests.common.standings import STANDINGS
from tests.common.submissions import LOG_IN, LOG_OUT
from tests.common.tables import dump
from tests.common.visitor import TWO_FACTOR, Visitor
from warehouse_mfa import crypto

ACCOUNT = "/manage/account/"
FACTORS = "/manage/account/two-factor/"


def session_of(site: Site, value: str) -> Visitor:
    """Return somebody who has nothing but a session cookie."""
    visitor = site.visitor()
    visitor.set_cookie("__Host-session" if site.origin == HTTPS else "session", value)
    return visitor


def is_logged_in(visitor: Visitor) -> bool:
    return bool(visitor.get(LOG_IN).status_int == 303)


@pytest.mark.attack("P-027")
def test_the_id_is_another_one_after_each_boundary_and_the_earlier_ones_are_dead(
    site: Site, visitor: Visitor, user_without_factor: Person
) -> None:
    person, ids = user_without_factor, []
    assert visitor.get(LOG_IN, status=200).headers.getall("Set-Cookie")
    ids.append(visitor.cookie("session"))
    visitor.give_password(person)
    ids.append(visitor.cookie("session"))
    visitor.enroll_totp(person)
    ids.append(visitor.cookie("session"))
    visitor.register_key(person)
    ids.append(visitor.cookie("session"))
    visitor.form(LOG_OUT, "logout-form").submit(status=303)
    ids.append(visitor.cookie("session"))
    site.clock.advance(seconds=60)
    visitor.give_password(person)
    ids.append(visitor.cookie("session"))
    visitor.give_code(person.code())
    ids.append(visitor.cookie("session"))

    given = [value for value in ids if value]
    nobody = [ids[0], ids[4], ids[5]]

    assert nobody == [None] * 3
    assert len(given) == len(set(given)) == 4
    alive = [value for value in given if is_logged_in(session_of(site, value))]
    assert alive == [given[-1]]


@pytest.mark.attack("P-027")
def test_the_password_alone_gives_no_session_where_a_factor_is_owed(
    site: Site, visitor: Visitor, user_with_totp: Person
) -> None:
    before = site.value("SELECT count(*) FROM sessions")

    visitor.give_password(user_with_totp)

    assert visitor.cookie("session") is None
    assert visitor.cookie("login") is not None
    assert site.value("SELECT count(*) FROM sessions") == before


def test_the_cookie_of_a_pending_login_is_no_session(
    site: Site, visitor: Visitor, user_with_totp: Person
) -> None:
    visitor.give_password(user_with_totp)

    assert not is_logged_in(session_of(site, visitor.cookie("login") or ""))


@pytest.mark.parametrize("name", ["session", "login", "device"])
def test_the_database_keeps_digests_only(
    site: Site, visitor: Visitor, user_with_totp: Person, name: str
) -> None:
    visitor.give_password(user_with_totp)
    value = visitor.cookie("login")
    visitor.give_code(user_with_totp.code())
    value = visitor.cookie(name) or value or ""
    secret = base64.urlsafe_b64decode(value + "=")

    rows = repr(dump(site))

    assert len(secret) == 32
    assert repr(secret)[2:-1] not in rows
    assert value not in rows
    assert repr(crypto.digest(secret))[2:-1] in rows


# Somebody else chose the cookie


@pytest.mark.attack("P-084")
@pytest.mark.parametrize("planted", ["A" * 43, "A" * 42 + "8", "", "x", "../../etc"])
def test_a_session_that_was_made_up_beforehand_is_not_taken_over(
    site: Site, user_with_totp: Person, planted: str
) -> None:
    victim = session_of(site, planted)

    victim.log_in(user_with_totp)

    assert victim.cookie("session") != planted
    assert is_logged_in(victim)
    assert not is_logged_in(session_of(site, planted))


@pytest.mark.attack("P-084")
def test_the_session_of_the_attacker_is_not_logged_in_as_the_victim(
    site: Site, mallory: Person, user_with_totp: Person
) -> None:
    attacker = site.visitor()
    attacker.log_in(mallory)
    victim = copy_cookies(attacker, site.visitor())
    of_alice = "SELECT count(*) FROM sessions s JOIN users u ON u.id = s.user_id"
    of_alice += " WHERE u.username = 'alice'"
    before = site.value(of_alice)

    victim.get(LOG_IN, status=303)
    fields = {"username": user_with_totp.username, "password": user_with_totp.password}
    victim.post(LOG_IN, {**fields, "csrf_token": victim.csrf_token(LOG_OUT)}, status=303)

    assert victim.cookie("login") is None
    assert site.value(of_alice) == before


@pytest.mark.attack("P-084")
def test_the_pending_login_of_the_attacker_gives_way_to_that_of_the_victim(
    site: Site, mallory: Person, user_with_totp: Person
) -> None:
    attacker = site.visitor()
    attacker.give_password(mallory)
    victim = copy_cookies(attacker, site.visitor())

    victim.log_in(user_with_totp)

    assert "alice" in victim.get(ACCOUNT, status=200).html.select_one(".site-menu").text
    assert attacker.cookie("login") != victim.cookie("login")
    attacker.get(ACCOUNT, status=303)


@pytest.mark.parametrize("change", ["cut", "longer", "flipped", "padded", "of another"])
def test_a_changed_session_cookie_is_nobody(
    site: Site, visitor: Visitor, user_with_totp: Person, change: str
) -> None:
    visitor.log_in(user_with_totp)
    value = visitor.cookie("session") or ""
    changed = {
        "cut": value[:-1],
        "longer": value + "A",
        "flipped": ("B" if value[0] != "B" else "C") + value[1:],
        "padded": value + "=",
        "of another": visitor.cookie("device") or "",
    }[change]

    assert not is_logged_in(session_of(site, changed))


# Logging out


@pytest.mark.attack("P-085")
def test_a_copy_of_the_cookie_is_dead_after_logging_out(
    site: Site, visitor: Visitor, user_with_totp: Person
) -> None:
    visitor.log_in(user_with_totp)
    copy = copy_cookies(visitor, site.visitor())

    visitor.form(LOG_OUT, "logout-form").submit(status=303)

    copy.get(ACCOUNT, status=303)
    assert visitor.cookie("session") is None


@pytest.mark.attack("P-085")
def test_looking_at_the_logout_page_does_not_log_out(
    visitor: Visitor, user_with_totp: Person
) -> None:
    visitor.log_in(user_with_totp)

    visitor.get(LOG_OUT, status=200)
    visitor.head(LOG_OUT, status=200)

    visitor.get(ACCOUNT, status=200)


def test_logging_out_ends_this_session_and_no_other(site: Site, user_with_totp: Person) -> None:
    one, other = site.visitor(), site.visitor()
    one.log_in(user_with_totp)
    site.clock.advance(seconds=60)
    other.log_in(user_with_totp)

    one.form(LOG_OUT, "logout-form").submit(status=303)

    other.get(ACCOUNT, status=200)


def test_logging_out_twice_is_no_fault(
    site: Site, visitor: Visitor, user_without_factor: Person
) -> None:
    visitor.give_password(user_without_factor)
    copy = copy_cookies(visitor, site.visitor())
    form, again = visitor.form(LOG_OUT, "logout-form"), copy.form(LOG_OUT, "logout-form")
    form.submit(status=303)

    again.submit(status=400)

    assert site.tags().count("account:logout") == 1


# What a session rests on


@pytest.mark.attack("P-086")
@pytest.mark.parametrize("change", ["an app", "a key"])
def test_a_new_factor_ends_every_other_session_and_renews_this_one(
    site: Site, user_with_totp: Person, change: str
) -> None:
    here, elsewhere = site.visitor(), site.visitor()
    here.log_in(user_with_totp)
    site.clock.advance(seconds=60)
    elsewhere.log_in(user_with_totp)

    if change == "an app":
        here.enroll_totp(user_with_totp, label="Tablet")
    else:
        here.register_key(user_with_totp)

    here.get(ACCOUNT, status=200)
    elsewhere.get(ACCOUNT, status=303)


@pytest.mark.attack("P-086")
def test_a_new_factor_ends_pending_logins(site: Site, user_with_totp: Person) -> None:
    here, elsewhere = site.visitor(), site.visitor()
    here.log_in(user_with_totp)
    elsewhere.give_password(user_with_totp)
    site.clock.advance(seconds=60)

    here.register_key(user_with_totp)

    elsewhere.get(TWO_FACTOR, status=303)


@pytest.mark.attack("P-104")
@pytest.mark.parametrize("standing", ["logged in", "without a factor", "unverified"])
def test_a_raised_epoch_ends_every_session(site: Site, standing: str) -> None:
    visitor = STANDINGS[standing](site)
    before = is_logged_in(visitor)

    site.change("UPDATE users SET security_epoch = security_epoch + 1")

    assert (before, is_logged_in(visitor)) == (True, False)


@pytest.mark.parametrize("standing", ["owing a code", "owing an assertion"])
def test_a_raised_epoch_ends_every_pending_login(site: Site, standing: str) -> None:
    visitor = STANDINGS[standing](site)

    site.change("UPDATE users SET security_epoch = security_epoch + 1")

    for path in (TWO_FACTOR, "/account/webauthn-authenticate/"):
        assert visitor.get(path, status=303).headers["Location"] == site.origin + LOG_IN


def test_a_raised_epoch_ends_a_mailed_link(site: Site) -> None:
    visitor = STANDINGS["with a mailed link"](site)

    site.change("UPDATE users SET security_epoch = security_epoch + 1")

    visitor.get("/account/verify-email/", status=410)


def test_an_epoch_that_falls_back_revives_nothing_that_was_renewed(
    site: Site, visitor: Visitor, user_without_factor: Person
) -> None:
    visitor.give_password(user_without_factor)
    before = visitor.cookie("session") or ""
    visitor.enroll_totp(user_without_factor)

    site.change("UPDATE users SET security_epoch = 0")

    assert not is_logged_in(session_of(site, before))


@pytest.mark.attack("P-104")
def test_a_session_ends_with_its_account(
    site: Site, visitor: Visitor, user_with_totp: Person
) -> None:
    visitor.log_in(user_with_totp)

    site.change("DELETE FROM users WHERE username = 'alice'")

    visitor.get(ACCOUNT, status=303)
    assert site.value("SELECT count(*) FROM sessions") == 0


# How many


def test_the_21st_session_ends_the_one_longest_unused(
    site: Site, user_without_factor: Person
) -> None:
    visitors = []
    for _ in range(20):
        visitors.append(site.visitor())
        visitors[-1].give_password(user_without_factor)
        site.clock.advance(seconds=61)
    visitors[0].get(FACTORS, status=200)
    site.clock.advance(seconds=61)

    last = site.visitor()
    last.give_password(user_without_factor)

    assert site.value("SELECT count(*) FROM sessions") == 20
    assert [number for number, one in enumerate([*visitors, last]) if not is_logged_in(one)] == [1]


def test_the_sessions_of_one_account_do_not_end_those_of_another(
    site: Site, visitor: Visitor, user_with_totp: Person, user_without_factor: Person
) -> None:
    visitor.log_in(user_with_totp)

    for _ in range(21):
        site.visitor().give_password(user_without_factor)

    visitor.get(ACCOUNT, status=200)


# Devices


def test_a_device_is_known_from_its_first_full_login_on_and_for_a_year(
    site: Site, visitor: Visitor, user_with_totp: Person
) -> None:
    site.change("DELETE FROM known_devices")
    visitor.log_in(user_with_totp)
    first = visitor.cookie("device")
    site.clock.advance(days=364)
    drop_cookie(visitor, "session")
    visitor.log_in(user_with_totp)
    second = visitor.cookie("device")
    site.clock.advance(days=1)
    drop_cookie(visitor, "session")
    visitor.log_in(user_with_totp)

    assert first == second
    assert visitor.cookie("device") not in (None, second)
    assert site.value("SELECT count(*) FROM known_devices") == 2


def test_a_device_of_somebody_else_is_not_taken_over(
    site: Site, mallory: Person, user_with_totp: Person
) -> None:
    attacker = site.visitor()
    attacker.log_in(mallory)
    victim = copy_cookies(attacker, site.visitor(), "device")
    site.clock.advance(seconds=60)

    victim.log_in(user_with_totp)

    assert victim.cookie("device") != attacker.cookie("device")


@pytest.mark.parametrize(("minutes", "is_noted"), [(59, False), (60, True)])
def test_the_use_of_a_device_is_noted_to_the_hour(
    site: Site, visitor: Visitor, user_with_totp: Person, minutes: int, is_noted: bool
) -> None:
    last_used = "SELECT max(last_used_at) FROM known_devices"
    visitor.log_in(user_with_totp)
    before = site.value(last_used)
    site.clock.advance(minutes=minutes)
    drop_cookie(visitor, "session")

    visitor.log_in(user_with_totp)

    assert (site.value(last_used) != before) is is_noted
