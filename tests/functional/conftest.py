"""Situations, through the front door: over http on SQLite, and over https on PostgreSQL."""

from collections.abc import Iterator

import pytest

from tests.common.people import Person
from tests.common.site import KEYS, NEWER_KEYS, Site, origin_for
from tests.common.visitor import Visitor

PLENTY = "100000 per 5 minutes"
ATTEMPTS = [
    "login_user",
    "login_address",
    "code_user",
    "code_device",
    "webauthn_user",
    "webauthn_device",
    "passkey_user",
    "factor_address",
]


@pytest.fixture(scope="session")
def configured_site(database_url: str) -> Iterator[Site]:
    site = Site(database_url, origin_for(database_url))
    yield site
    site.close()


@pytest.fixture
def site(configured_site: Site) -> Iterator[Site]:
    """The application over an empty database."""
    yield configured_site
    configured_site.reset()


@pytest.fixture(scope="session")
def configured_roomy_site(database_url: str) -> Iterator[Site]:
    limits = {f"limit_{name}": PLENTY for name in ATTEMPTS}
    site = Site(database_url, origin_for(database_url), **limits)
    yield site
    site.close()


@pytest.fixture
def roomy_site(configured_roomy_site: Site) -> Iterator[Site]:
    """The application without limits to speak of, so that what is tested has to decide."""
    yield configured_roomy_site
    configured_roomy_site.reset()


@pytest.fixture
def rotated(site: Site, database_url: str) -> Iterator[Site]:
    """The site ten minutes after a newer key was put before the old one."""
    rotated = Site(database_url, site.origin, secret_keys=f"{NEWER_KEYS},{KEYS}")
    rotated.clock.advance(minutes=10)
    yield rotated
    rotated.close()


@pytest.fixture
def stripped(site: Site, database_url: str) -> Iterator[Site]:
    """The site ten minutes later with nothing but the newer key."""
    stripped = Site(database_url, site.origin, secret_keys=NEWER_KEYS)
    stripped.clock.advance(minutes=10)
    yield stripped
    stripped.close()


@pytest.fixture
def visitor(site: Site) -> Visitor:
    """Somebody who has not been here before."""
    return site.visitor()


@pytest.fixture
def user_with_totp(site: Site) -> Person:
    """Alice: verified address, password, authenticator app."""
    return site.person("alice", totp=True)


@pytest.fixture
def user_with_key(site: Site) -> Person:
    """Bob: verified address, password, security key."""
    return site.person("bob", key=True)


@pytest.fixture
def user_without_factor(site: Site) -> Person:
    """Dave: verified address and password only."""
    return site.person("dave")


@pytest.fixture
def user_unverified(site: Site) -> Person:
    """Erin: an address that nobody has verified."""
    return site.person("erin", verified=False)


@pytest.fixture
def mallory(site: Site) -> Person:
    """An attacker with a full account."""
    return site.person("mallory", totp=True, key=True)
