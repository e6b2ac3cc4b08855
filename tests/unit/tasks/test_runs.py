"""Tasks are noted when they end well, so that one that does not run can be found."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from pyramid.request import Request
from sqlalchemy import Engine

from tests.common.site import Site
from warehouse_mfa.tasks.runs import overdue

HOURLY, QUICK = "mail.purge", "mail.deliver"


@pytest.fixture
def site(database_url: str, engine: Engine) -> Iterator[Site]:
    site = Site(database_url)
    yield site
    site.reset()
    site.close()


def late(site: Site) -> list[str]:
    with site.scope() as request:
        return overdue(request)


def noted(site: Site) -> dict[str, str]:
    return {name: str(at) for name, at in site.rows("SELECT name, finished_at FROM task_runs")}


def test_where_no_task_has_run_none_is_overdue(site: Site) -> None:
    site.clock.advance(days=365)

    assert late(site) == []


@pytest.mark.parametrize(
    ("name", "patience"),
    [(HOURLY, timedelta(hours=3)), (QUICK, timedelta(minutes=10))],
)
def test_a_task_is_overdue_when_it_missed_three_rounds_or_ten_minutes(
    site: Site, name: str, patience: timedelta
) -> None:
    site.run_task(name)
    site.clock.advance(seconds=patience.total_seconds())
    on_time = late(site)
    site.clock.advance(seconds=1)

    assert (on_time, late(site)) == ([], [name])


def test_a_task_that_runs_again_is_not_overdue(site: Site) -> None:
    site.run_task(HOURLY)
    site.clock.advance(days=1)
    site.run_task(HOURLY)

    assert late(site) == []
    assert len(noted(site)) == 1


def test_a_task_that_fails_is_not_noted(site: Site) -> None:
    def fail(request: Request) -> None:
        raise RuntimeError

    site.config.add_task("tests.fail", fail, every=timedelta(hours=1))
    site.config.commit()

    site.run_task("tests.fail")

    assert noted(site) == {}


def test_a_quick_task_is_noted_once_a_minute(site: Site) -> None:
    site.run_task(QUICK)
    first = noted(site)
    site.clock.advance(seconds=59)
    site.run_task(QUICK)
    second = noted(site)
    site.clock.advance(seconds=1)
    site.run_task(QUICK)

    assert first == second
    assert noted(site) != first


def test_a_task_that_is_not_declared_any_more_is_not_overdue(site: Site) -> None:
    site.run_task(HOURLY)
    site.change("UPDATE task_runs SET name = 'mail.forgotten'")
    site.clock.advance(days=1)

    assert late(site) == []
