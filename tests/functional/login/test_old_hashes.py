"""Passwords that were hashed in another way, or more cheaply, are hashed anew at login."""

from collections.abc import Iterator
from typing import Any

import pytest
from passlib.context import CryptContext

from tests.common.people import PASSWORD, Person
from tests.common.site import HTTPS, Site

TODAY = "argon2id:m=64,t=2,p=1"
ARGON2 = {"schemes": ["argon2"], "argon2__parallelism": 1}
OLD: list[dict[str, Any]] = [
    {"schemes": ["pbkdf2_sha256"], "pbkdf2_sha256__default_rounds": 1000},
    {"schemes": ["pbkdf2_sha512"], "pbkdf2_sha512__default_rounds": 1000},
    {**ARGON2, "argon2__memory_cost": 8, "argon2__time_cost": 1},
    {**ARGON2, "argon2__memory_cost": 64, "argon2__time_cost": 1},
    {**ARGON2, "argon2__memory_cost": 64, "argon2__time_cost": 2, "argon2__type": "I"},
    {"schemes": ["bcrypt"], "bcrypt__default_rounds": 4},
]
# As another program wrote it, with no passlib: `bcrypt.hashpw(PASSWORD, bcrypt.gensalt(4))`.
BCRYPT = "$2b$04$fmsSdJMsClS/Q4e/p9l5KesPSKYtfMmGTlsmFUcwH7p.2vscm2C5u"


@pytest.fixture
def upgrading_site(database_url: str) -> Iterator[Site]:
    """A site whose hashes cost more than those of other tests."""
    site = Site(database_url, HTTPS, password_hash=TODAY)
    yield site
    site.reset()
    site.close()


@pytest.fixture
def dave(upgrading_site: Site) -> Person:
    return upgrading_site.person("dave")


def stored(site: Site) -> str:
    text: str = site.value("SELECT password_hash FROM users")
    return text


def store(site: Site, hashed: str) -> None:
    site.change("UPDATE users SET password_hash = :hashed", hashed=hashed)


@pytest.mark.parametrize("old", OLD, ids=range(len(OLD)))
def test_an_old_hash_is_verified_and_replaced_at_login(
    upgrading_site: Site, dave: Person, old: dict[str, Any]
) -> None:
    store(upgrading_site, CryptContext(**old).hash(PASSWORD))

    upgrading_site.visitor().give_password(dave, status=303)

    assert stored(upgrading_site).startswith("$argon2id$v=19$m=64,t=2,p=1$")
    upgrading_site.visitor().give_password(dave, status=303)


@pytest.mark.parametrize("old", OLD, ids=range(len(OLD)))
def test_a_wrong_password_does_not_replace_an_old_hash(
    upgrading_site: Site, dave: Person, old: dict[str, Any]
) -> None:
    hashed = CryptContext(**old).hash(PASSWORD)
    store(upgrading_site, hashed)

    upgrading_site.visitor().give_password(dave, password="wrong horse", status=422)

    assert stored(upgrading_site) == hashed


def test_a_bcrypt_hash_of_another_system_is_verified_and_replaced_at_login(
    upgrading_site: Site, dave: Person
) -> None:
    store(upgrading_site, BCRYPT)

    upgrading_site.visitor().give_password(dave, password="wrong horse", status=422)
    kept = stored(upgrading_site)
    upgrading_site.visitor().give_password(dave, status=303)

    assert kept == BCRYPT
    assert stored(upgrading_site).startswith("$argon2id$v=19$m=64,t=2,p=1$")
    upgrading_site.visitor().give_password(dave, status=303)


def test_a_hash_of_today_is_left_as_it_is(upgrading_site: Site, dave: Person) -> None:
    hashed = stored(upgrading_site)

    upgrading_site.visitor().give_password(dave, status=303)

    assert stored(upgrading_site) == hashed


def test_replacing_a_hash_ends_no_session(upgrading_site: Site, dave: Person) -> None:
    visitor = upgrading_site.visitor()
    visitor.give_password(dave)
    store(upgrading_site, CryptContext(**OLD[0]).hash(PASSWORD))

    upgrading_site.visitor().give_password(dave)

    visitor.get("/manage/account/two-factor/", status=200)
