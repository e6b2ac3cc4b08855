"""Mailed links: found while they can be used, and spent once."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import Engine, insert
from zope.interface.verify import verifyObject

from tests.common.clock import FrozenClock
from tests.common.jars import at_once
from tests.common.transactions import transaction
from warehouse_mfa.accounts.models import User
from warehouse_mfa.db import new_id
from warehouse_mfa.entropy import SystemEntropy
from warehouse_mfa.mail.interfaces import ITokenService, LinkInvalid, MailedLink, Purpose
from warehouse_mfa.mail.links import TokenService

LIFE = timedelta(hours=1)
MANY = 8


class Links:
    """The service over one database, in a transaction of its own each time."""

    def __init__(self, engine: Engine) -> None:
        self.clock = FrozenClock()
        self._engine = engine

    @contextmanager
    def service(self) -> Iterator[TokenService]:
        with transaction(self._engine) as session:
            yield TokenService(session, self.clock, SystemEntropy())

    def mail(self) -> str:
        """Return the token of a link that was just mailed to Alice."""
        with transaction(self._engine) as session:
            user_id = new_id()
            session.execute(insert(User).values(id=user_id, **self._alice(user_id)))
            return TokenService(session, self.clock, SystemEntropy()).issue(
                Purpose.VERIFY_EMAIL, user_id, new_id(), security_epoch=3, life=LIFE
            )

    def find(self, token: str) -> MailedLink:
        with self.service() as service:
            return service.find(Purpose.VERIFY_EMAIL, token)

    def spend(self, link: MailedLink) -> bool:
        """Spend a link; tell whether it could be."""
        try:
            with self.service() as service:
                service.spend(link)
        except LinkInvalid:
            return False
        return True

    def _alice(self, user_id: UUID) -> dict[str, object]:
        return {
            "username": "alice",
            "username_key": "alice",
            "user_handle": user_id.bytes,
            "created_at": self.clock.now(),
        }


@pytest.fixture
def links(engine: Engine) -> Links:
    return Links(engine)


def test_it_keeps_its_contract(links: Links) -> None:
    with links.service() as service:
        assert verifyObject(ITokenService, service)


def test_a_link_says_whose_it_is_and_at_which_epoch(links: Links) -> None:
    link = links.find(links.mail())

    assert link.security_epoch == 3
    assert link.user_id != link.about_id


def test_of_many_who_found_a_link_one_spends_it(links: Links) -> None:
    link = links.find(links.mail())

    spent = at_once([lambda: links.spend(link)] * MANY)

    assert sorted(spent) == [False] * (MANY - 1) + [True]


def test_a_link_that_was_spent_is_not_found(links: Links) -> None:
    token = links.mail()
    assert links.spend(links.find(token))

    with pytest.raises(LinkInvalid):
        links.find(token)


def test_a_link_that_ends_after_it_was_found_is_not_spent(links: Links) -> None:
    link = links.find(links.mail())
    links.clock.advance(hours=1)

    assert not links.spend(link)


def test_a_link_can_be_spent_until_its_last_second(links: Links) -> None:
    link = links.find(links.mail())
    links.clock.advance(minutes=59, seconds=59)

    assert links.spend(link)


def test_a_link_that_was_never_mailed_is_not_spent(links: Links) -> None:
    link = links.find(links.mail())

    assert not links.spend(MailedLink(new_id(), link.user_id, link.about_id, 3))
    assert links.spend(link)
