"""People who are about to enroll, or have enrolled, an authenticator app."""

import pytest

from tests.common.people import Person
from tests.common.site import Site
from tests.common.visitor import Visitor


@pytest.fixture
def newcomer(site: Site, user_without_factor: Person) -> Visitor:
    """Dave, logged in with his password, who may set up his first factor and nothing else."""
    visitor = site.visitor()
    visitor.give_password(user_without_factor)
    return visitor


@pytest.fixture
def alice(site: Site, user_with_totp: Person) -> Visitor:
    """Alice, logged in with her authenticator app; its next code is another one."""
    visitor = site.visitor()
    visitor.log_in(user_with_totp)
    site.clock.advance(seconds=60)
    return visitor
