"""People who are about to register, or have registered, a security key."""

from collections.abc import Iterator

import pytest

from tests.common.people import Person
from tests.common.site import Site, origin_for
from tests.common.visitor import Visitor

PLENTY = "100000 per 5 minutes"
LIMITS = ("login_user", "login_address", "webauthn_user", "webauthn_device", "factor_address")


@pytest.fixture
def dave(user_without_factor: Person) -> Person:
    return user_without_factor


@pytest.fixture
def newcomer(site: Site, dave: Person) -> Visitor:
    """Dave, logged in with his password, who may set up his first factor and nothing else."""
    visitor = site.visitor()
    visitor.give_password(dave)
    return visitor


@pytest.fixture
def bob(user_with_key: Person) -> Person:
    return user_with_key


@pytest.fixture
def pending(site: Site, bob: Person) -> Visitor:
    """Bob, who has given his password and owes his security key."""
    visitor = site.visitor()
    visitor.give_password(bob)
    return visitor


@pytest.fixture
def carol(site: Site) -> Person:
    """Somebody with an authenticator app and a security key."""
    return site.person("carol", totp=True, key=True)


@pytest.fixture(scope="session")
def configured_roomy_site(database_url: str) -> Iterator[Site]:
    site = Site(
        database_url, origin_for(database_url), **{f"limit_{name}": PLENTY for name in LIMITS}
    )
    yield site
    site.close()


@pytest.fixture
def roomy_site(configured_roomy_site: Site) -> Iterator[Site]:
    """A site without limits to speak of, so that what is tested has to decide."""
    yield configured_roomy_site
    configured_roomy_site.reset()
