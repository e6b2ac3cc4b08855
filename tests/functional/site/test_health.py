"""Liveness and readiness, and what goes on while a back end is gone."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.common.people import PASSWORD
from tests.common.production import production_site
from tests.common.site import HTTPS, Site
from tests.common.submissions import LOG_IN
from tests.common.visitor import KEY, Visitor
from warehouse_mfa.db import migrations

READY = "/_health/ready"
KNOWN = [migration.revision for migration in migrations.history()]  # newest first
GONE = "postgresql+psycopg://nobody@127.0.0.1:1/nowhere"


@pytest.fixture
def cut_off() -> Iterator[Site]:
    """A site whose database does not answer."""
    site = Site(GONE, HTTPS)
    yield site
    site.close()


def test_a_live_process_says_so(visitor: Visitor) -> None:
    answer = visitor.get("/_health/live", status=200)

    assert answer.json == {"status": "live"}


def test_a_ready_site_names_what_it_checked(visitor: Visitor) -> None:
    answer = visitor.get(READY, status=200)

    assert answer.json == {"status": "ready", "checks": {"database": "ok", "limiter": "ok"}}


@pytest.fixture
def revised(site: Site) -> Iterator[Callable[[str], None]]:
    """Say that the schema stands at another revision, until the end of the test."""
    ours = site.value("SELECT version_num FROM alembic_version")
    change = "UPDATE alembic_version SET version_num = :revision"
    yield lambda revision: site.change(change, revision=revision)
    site.change(change, revision=ours)


@pytest.mark.parametrize("revision", KNOWN[1:])
def test_a_schema_that_is_behind_is_not_ready(
    visitor: Visitor, revised: Callable[[str], None], revision: str
) -> None:
    revised(revision)

    answer = visitor.get(READY, status=503)

    assert answer.json["status"] == "not ready"
    assert answer.json["checks"]["database"] == "schema is behind this release"
    assert answer.headers["Retry-After"] == "5"


def test_a_schema_of_a_newer_release_is_ready_while_the_upgrade_rolls(
    visitor: Visitor, revised: Callable[[str], None]
) -> None:
    revised("ffffffffffff")

    answer = visitor.get(READY, status=200)

    assert answer.json["checks"]["database"] == "ok"


def test_a_schema_that_stands_nowhere_is_not_ready(tmp_path: Path) -> None:
    site = Site(f"sqlite:///{tmp_path / 'emptied.sqlite3'}", HTTPS)
    migrations.upgrade(site.registry["engine"])
    migrations.downgrade(site.registry["engine"], "base")

    answer = site.visitor().get(READY, status=503)
    site.close()

    assert answer.json["checks"]["database"] == "schema is behind this release"


def test_an_empty_database_is_not_ready(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("empty")
    site = Site(f"sqlite:///{folder / 'empty.sqlite3'}", HTTPS)

    answer = site.visitor().get(READY, status=503)
    site.close()

    assert answer.json["checks"]["database"] == "unavailable"


def test_a_database_that_is_gone_is_not_ready_but_the_process_lives(cut_off: Site) -> None:
    visitor = cut_off.visitor()

    visitor.get("/_health/live", status=200)
    answer = visitor.get(READY, status=503)

    assert answer.json["checks"] == {"database": "unavailable", "limiter": "ok"}
    assert "127.0.0.1" not in answer.text


def test_a_limiter_that_is_gone_is_not_ready(database_url: str) -> None:
    site = Site(database_url, HTTPS, redis_url="redis://127.0.0.1:1/0")

    answer = site.visitor().get(READY, status=503)
    site.close()

    assert answer.json["checks"] == {"database": "ok", "limiter": "unavailable"}


def test_public_pages_go_on_without_a_database(cut_off: Site) -> None:
    visitor = cut_off.visitor()

    for path in ("/", LOG_IN, "/account/register/", "/.well-known/security.txt"):
        visitor.get(path, status=200)


@pytest.mark.parametrize(
    ("path", "cookie"),
    [("/", "session"), ("/manage/account/", "session"), ("/account/two-factor/", "login")],
)
def test_a_page_of_somebody_is_unavailable_without_a_database(
    cut_off: Site, path: str, cookie: str
) -> None:
    visitor = cut_off.visitor()
    visitor.set_cookie(f"__Host-{cookie}", "A" * 43)

    page = visitor.get(path, status=503)

    assert page.headers["Retry-After"] == "5"
    assert page.html.select_one("h1").text == "Not available right now"


def test_a_login_is_refused_without_a_database_and_its_reason_is_not_the_password(
    cut_off: Site,
) -> None:
    fields = {"username": "alice", "password": PASSWORD}

    page = cut_off.visitor().post_form(LOG_IN, fields, status=503)

    assert "not right" not in page.text


def test_a_program_is_told_so_in_json(cut_off: Site) -> None:
    visitor = cut_off.visitor()
    visitor.set_cookie("__Host-login", "A" * 43)

    answer = visitor.get(f"{KEY}/options", status=503)

    assert answer.json["fail"]["reason"] == "unavailable"


def test_health_is_told_in_production_as_well(database_url: str) -> None:
    with production_site(database_url) as site:
        site.visitor().get(READY, status=200)
