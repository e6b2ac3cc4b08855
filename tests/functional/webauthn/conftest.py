"""People who are about to register, or have registered, a security key."""

import pytest

from tests.common.people import Person
from tests.common.site import Site
from tests.common.visitor import Visitor


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
