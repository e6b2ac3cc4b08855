"""The unit of work: slow work in the middle of a request, with no transaction open."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import webtest
from pyramid.config import Configurator
from pyramid.request import Request
from pyramid.response import Response
from pyramid.security import NO_PERMISSION_REQUIRED
from sqlalchemy import Engine, insert, select, text
from sqlalchemy.exc import IntegrityError
from transaction import TransactionManager
from transaction.interfaces import NoTransaction, TransientError
from zope.interface.verify import verifyObject

from tests.common.clock import START
from tests.common.databases import empty
from tests.common.site import HTTP, environment
from warehouse_mfa import settings
from warehouse_mfa.config import configure, make_router
from warehouse_mfa.db import (
    IUnitOfWork,
    OwnerGone,
    Session,
    UnitOfWork,
    create_engine,
    new_id,
    table_of,
)
from warehouse_mfa.login.models import PendingLoginRow
from warehouse_mfa.rate_limiting.models import AttemptCounter

COUNTERS = table_of(AttemptCounter)
INSERT = text(
    "INSERT INTO attempt_counters (key, span, allowed, count, refused, ends) "
    "VALUES (:key, 1, 0, 0, 0, 0)"
)


class Unit:
    """A session in a transaction, as a request has it."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.environ: dict[str, Any] = {"retry.attempt": 0, "retry.attempts": 3}
        self.manager = TransactionManager(explicit=True)
        self.session = Session(engine, self.manager)
        self.work = UnitOfWork(self.session, self.manager, self.environ)
        self.manager.begin()

    def write(self, key: bytes) -> None:
        self.session.execute(INSERT, {"key": key})

    def seen_by_others(self) -> list[bytes]:
        return keys(self.engine)


def keys(engine: Engine) -> list[bytes]:
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT key FROM attempt_counters ORDER BY key"))
        return [bytes(row.key) for row in rows]


@pytest.fixture
def unit(engine: Engine) -> Iterator[Unit]:
    unit = Unit(engine)
    yield unit
    unit.manager.abort()
    unit.session.close()


def test_the_unit_of_work_is_what_its_interface_says(unit: Unit) -> None:
    assert verifyObject(IUnitOfWork, unit.work)


@contextmanager
def undone(unit: Unit) -> Iterator[None]:
    """Nest a transaction that fails at its end."""
    with unit.session.begin_nested():
        yield
        raise RuntimeError


def test_what_a_nested_transaction_did_is_undone_with_it_alone(unit: Unit) -> None:
    unit.write(b"before")

    with pytest.raises(RuntimeError), undone(unit):
        unit.write(b"within")
    unit.write(b"after")

    unit.work.commit()
    assert unit.seen_by_others() == [b"after", b"before"]


def test_a_pause_commits_what_was_done_before_it(unit: Unit) -> None:
    unit.write(b"before")

    with unit.work.paused():
        assert unit.seen_by_others() == [b"before"]


def test_no_transaction_is_open_in_a_pause(unit: Unit) -> None:
    unit.write(b"before")

    with unit.work.paused():
        assert not unit.session.in_transaction()
        with pytest.raises(NoTransaction):
            unit.manager.get()
        # On SQLite an open transaction would keep every other writer waiting.
        with unit.engine.begin() as another:
            another.execute(INSERT, {"key": b"meanwhile"})

    assert unit.seen_by_others() == [b"before", b"meanwhile"]


def test_nothing_can_be_written_in_a_pause(unit: Unit) -> None:
    with unit.work.paused(), pytest.raises(NoTransaction):
        unit.write(b"lost")

    unit.manager.commit()
    unit.manager.begin()
    assert unit.seen_by_others() == []


def test_after_a_pause_another_transaction_begins(unit: Unit) -> None:
    with unit.work.paused():
        pass
    unit.write(b"after")

    unit.manager.commit()

    unit.manager.begin()
    assert unit.seen_by_others() == [b"after"]


def test_what_is_raised_after_a_pause_undoes_only_what_came_after_it(unit: Unit) -> None:
    unit.write(b"before")
    with unit.work.paused():
        pass
    unit.write(b"after")

    unit.manager.abort()

    unit.manager.begin()
    assert unit.seen_by_others() == [b"before"]


def test_what_is_raised_in_a_pause_leaves_a_transaction_that_can_be_used(unit: Unit) -> None:
    unit.write(b"before")

    with pytest.raises(RuntimeError), unit.work.paused():
        raise RuntimeError

    unit.write(b"after")
    unit.manager.commit()
    unit.manager.begin()
    assert unit.seen_by_others() == [b"after", b"before"]


def test_rows_that_were_read_are_plain_values_that_cross_a_pause(unit: Unit) -> None:
    unit.write(b"before")
    row = unit.session.execute(select(COUNTERS)).one()

    unit.work.commit()

    assert (row.key, row.span) == (b"before", 1)


def test_a_commit_in_between_lasts(unit: Unit) -> None:
    unit.write(b"first")
    unit.work.commit()
    unit.write(b"second")
    unit.manager.abort()

    unit.manager.begin()
    assert unit.seen_by_others() == [b"first"]


def test_a_pause_makes_this_attempt_the_last_one(unit: Unit) -> None:
    with unit.work.paused():
        assert unit.environ["retry.attempts"] == unit.environ["retry.attempt"] + 1


# In a request


class Probe:
    """An application with one more page, which does what a test says."""

    def __init__(self, database_url: str) -> None:
        self.calls = 0
        self.act: Callable[[Request], None] = lambda request: None
        loaded = settings.load(environment(database_url, HTTP))
        config = configure(loaded, self._extend)
        self.app = webtest.TestApp(make_router(config))
        self.engine: Engine = config.registry["engine"]

    def _extend(self, config: Configurator) -> None:
        config.add_route("probe", "/probe")
        config.add_view(
            self._view, route_name="probe", permission=NO_PERMISSION_REQUIRED, csrf=False
        )

    def _view(self, request: Request) -> Response:
        self.calls += 1
        self.act(request)
        return Response("done")


@pytest.fixture
def probe(database_url: str) -> Iterator[Probe]:
    probe = Probe(database_url)
    yield probe
    probe.engine.dispose()
    engine = create_engine(database_url)
    empty(engine)
    engine.dispose()


def write(request: Request, key: bytes) -> None:
    request.db.execute(INSERT, {"key": key})


def test_what_a_post_returns_lasts(probe: Probe) -> None:
    probe.act = lambda request: write(request, b"kept")

    probe.app.post("/probe", status=200)

    assert keys(probe.engine) == [b"kept"]


def test_what_a_post_raises_is_undone(probe: Probe) -> None:
    def act(request: Request) -> None:
        write(request, b"lost")
        raise RuntimeError

    probe.act = act

    probe.app.post("/probe", status=500)

    assert keys(probe.engine) == []


def test_a_get_cannot_write(probe: Probe) -> None:
    probe.act = lambda request: write(request, b"lost")

    for ask in (probe.app.get, probe.app.head):
        ask("/probe", status=[500, 503])

    assert keys(probe.engine) == []
    assert probe.calls >= 2


def test_a_request_that_loses_a_race_is_tried_again_as_a_whole(probe: Probe) -> None:
    def act(request: Request) -> None:
        write(request, b"once")
        if probe.calls < 3:
            raise TransientError

    probe.act = act

    probe.app.post("/probe", status=200)

    assert probe.calls == 3
    assert keys(probe.engine) == [b"once"]


def test_a_request_is_not_tried_for_ever(probe: Probe) -> None:
    def act(request: Request) -> None:
        raise TransientError

    probe.act = act

    probe.app.post("/probe", status=500)

    assert probe.calls == 3


def test_a_request_that_paused_is_never_tried_again(probe: Probe) -> None:
    """Its first part is committed already: an attempt would be counted twice."""

    def act(request: Request) -> None:
        write(request, b"counted")
        with request.find_service(IUnitOfWork).paused():
            pass
        write(request, b"lost")
        raise TransientError

    probe.act = act

    probe.app.post("/probe", status=500)

    assert probe.calls == 1
    assert keys(probe.engine) == [b"counted"]


def test_a_request_that_failed_before_its_pause_is_tried_again(probe: Probe) -> None:
    def act(request: Request) -> None:
        if probe.calls == 1:
            raise TransientError
        write(request, b"counted")
        with request.find_service(IUnitOfWork).paused():
            pass

    probe.act = act

    probe.app.post("/probe", status=200)

    assert probe.calls == 2
    assert keys(probe.engine) == [b"counted"]


def test_one_request_that_paused_does_not_keep_the_next_from_being_tried_again(
    probe: Probe,
) -> None:
    def pause(request: Request) -> None:
        request.find_service(IUnitOfWork).commit()

    def lose_once(request: Request) -> None:
        if probe.calls < 3:
            raise TransientError

    probe.act = pause
    probe.app.post("/probe", status=200)

    probe.act = lose_once
    probe.app.post("/probe", status=200)

    assert probe.calls == 3


def test_a_row_for_an_account_that_is_gone_is_told_apart(unit: Unit) -> None:
    pending = insert(table_of(PendingLoginRow)).values(
        digest=b"", user_id=new_id(), security_epoch=0, typed_name="", next="",
        created_at=START, expires_at=START,
    )  # fmt: skip

    with pytest.raises(OwnerGone):
        unit.session.execute(pending)


def test_a_row_that_is_there_already_is_another_matter(unit: Unit) -> None:
    unit.write(b"once")

    with pytest.raises(IntegrityError):
        unit.write(b"once")
