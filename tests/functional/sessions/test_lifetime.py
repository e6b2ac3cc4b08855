"""How long a session lasts, and how its last use is noted."""

from collections.abc import Iterator
from uuid import UUID

import pytest
from pyramid.config import Configurator
from pyramid.request import Request
from sqlalchemy.exc import OperationalError

from tests.common.people import Person
from tests.common.site import HTTPS, Site
from tests.common.tables import dump
from tests.common.visitor import Visitor
from tests.common.watching import statements
from warehouse_mfa.sessions.interfaces import ISessionService
from warehouse_mfa.sessions.services.sessions import SessionService

ACCOUNT = "/manage/account/"
SESSIONS = "/manage/account/sessions/"
LAST_SEEN = "SELECT last_seen_at FROM sessions"


@pytest.fixture
def signed_in(visitor: Visitor, user_with_totp: Person, site: Site) -> Visitor:
    """Alice, in the one session that there is."""
    visitor.log_in(user_with_totp)
    mine = site.value("SELECT id FROM sessions ORDER BY created_at DESC LIMIT 1")
    site.change("DELETE FROM sessions WHERE id <> :id", id=mine)
    return visitor


# The limits


@pytest.mark.attack("P-088")
def test_a_session_ends_when_it_was_idle_for_an_hour(site: Site, signed_in: Visitor) -> None:
    site.clock.advance(minutes=59, seconds=59)
    at_the_last_moment = signed_in.get(ACCOUNT, status="*")
    site.clock.advance(minutes=60)

    too_late = signed_in.get(ACCOUNT, status="*")

    assert (at_the_last_moment.status_int, too_late.status_int) == (200, 303)
    assert "/account/login/" in too_late.headers["Location"]


@pytest.mark.attack("P-088")
def test_a_session_of_a_superuser_ends_when_it_was_idle_for_a_quarter_of_an_hour(
    site: Site, signed_in: Visitor, user_with_totp: Person
) -> None:
    site.change("UPDATE users SET is_superuser = :yes", yes=True)
    site.clock.advance(minutes=14, seconds=59)
    at_the_last_moment = signed_in.get(ACCOUNT, status="*")
    site.clock.advance(minutes=15)
    other = site.visitor()
    other.log_in(user_with_totp)

    too_late = signed_in.get(ACCOUNT, status="*")

    assert (at_the_last_moment.status_int, too_late.status_int) == (200, 303)
    assert len(other.get(SESSIONS, status=200).html.select("#sessions li")) == 1


@pytest.mark.attack("P-088")
def test_a_session_ends_after_twelve_hours_however_busy_it_is(
    site: Site, signed_in: Visitor
) -> None:
    for _ in range(12 * 4 - 1):
        site.clock.advance(minutes=15)
        signed_in.get(ACCOUNT, status=200)
    site.clock.advance(minutes=15)

    signed_in.get(ACCOUNT, status=303)


@pytest.mark.attack("P-088")
def test_a_session_without_a_factor_ends_as_well(
    site: Site, visitor: Visitor, user_without_factor: Person
) -> None:
    visitor.give_password(user_without_factor)
    visitor.get("/manage/account/two-factor/", status=200)

    site.clock.advance(hours=1)

    visitor.get("/manage/account/two-factor/", status=303)


@pytest.mark.attack("P-088")
def test_a_new_session_id_does_not_buy_more_time(
    site: Site, signed_in: Visitor, user_with_totp: Person
) -> None:
    for _ in range(23):
        site.clock.advance(minutes=30)
        signed_in.get(ACCOUNT, status=200)
    signed_in.step_up(user_with_totp)
    site.clock.advance(minutes=30)

    signed_in.get(ACCOUNT, status=303)


def test_an_operator_may_choose_other_limits(database_url: str) -> None:
    site = Site(database_url, HTTPS, session_idle="5 min", session_lifetime="12 min")
    visitor = site.visitor()
    visitor.log_in(site.person("alice", totp=True))

    statuses = []
    for minutes in (4, 4, 3, 1, 0):
        site.clock.advance(minutes=minutes)
        statuses.append(visitor.get(ACCOUNT, status="*").status_int)
    site.reset()
    site.close()

    assert statuses == [200, 200, 200, 303, 303]


def test_what_is_over_is_deleted_in_time(site: Site, signed_in: Visitor) -> None:
    site.clock.advance(hours=12)

    site.run_task("sessions.purge")

    assert site.value("SELECT count(*) FROM sessions") == 0
    assert site.value("SELECT count(*) FROM known_devices") > 0


def test_a_session_that_goes_on_is_not_deleted(site: Site, signed_in: Visitor) -> None:
    site.clock.advance(minutes=59)

    site.run_task("sessions.purge")

    signed_in.get(ACCOUNT, status=200)


# The last use


def test_the_last_use_is_noted_once_a_minute(site: Site, signed_in: Visitor) -> None:
    seen = [site.value(LAST_SEEN)]
    for seconds in (59, 1, 59, 1):
        site.clock.advance(seconds=seconds)
        signed_in.get(ACCOUNT, status=200)
        seen.append(site.value(LAST_SEEN))

    assert seen[0] == seen[1] < seen[2] == seen[3] < seen[4]


def test_the_last_use_is_noted_after_the_answer_in_a_transaction_of_its_own(
    site: Site, signed_in: Visitor
) -> None:
    site.clock.advance(minutes=5)

    with statements(site) as sent:
        signed_in.get(ACCOUNT, status=200)

    *reading, begin, noting = sent
    assert {statement.split()[0] for statement in reading} == {"SELECT"}
    assert begin.startswith("BEGIN")
    assert noting.startswith("UPDATE sessions")


def test_a_page_that_is_not_found_notes_no_use(site: Site, signed_in: Visitor) -> None:
    site.clock.advance(minutes=5)
    before = dump(site)

    signed_in.get("/nowhere", status=404)

    assert dump(site) == before


def test_a_use_that_ends_the_session_leaves_none(site: Site, signed_in: Visitor) -> None:
    site.clock.advance(minutes=5)

    signed_in.form("/account/logout/", "logout-form").submit(status=303)

    assert site.value("SELECT count(*) FROM sessions") == 0


class UnwritableSessions(SessionService):
    """Sessions in a database that takes no writes just now."""

    def touch(self, session_id: UUID, address: str | None) -> None:
        raise OperationalError("UPDATE sessions", None, Exception("the database is locked"))


class UnwritableSite(Site):
    """A site whose last uses cannot be noted while `is_unwritable`."""

    is_unwritable = False

    def _extend(self, config: Configurator) -> None:
        super()._extend(config)
        config.register_service_factory(self._create, ISessionService)

    def _create(self, context: object, request: Request) -> SessionService:
        kind = UnwritableSessions if self.is_unwritable else SessionService
        return kind.create(context, request)


@pytest.fixture
def unwritable_site(database_url: str) -> Iterator[UnwritableSite]:
    site = UnwritableSite(database_url, HTTPS)
    yield site
    site.reset()
    site.close()


def test_a_page_is_shown_though_its_use_cannot_be_noted(unwritable_site: UnwritableSite) -> None:
    visitor = unwritable_site.visitor()
    visitor.log_in(unwritable_site.person("alice", totp=True))
    unwritable_site.clock.advance(minutes=5)
    unwritable_site.is_unwritable = True

    page = visitor.get(ACCOUNT, status=200)

    assert "alice" in page
