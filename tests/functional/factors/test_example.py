"""The factor in `dev/factors.md`: the files in that page are a package that works."""

import re
import sys
from collections.abc import Iterator
from importlib import import_module, invalidate_caches
from pathlib import Path
from types import ModuleType

import pytest
from pyramid.config import Configurator

from tests.common.people import Person
from tests.common.site import Site, origin_for
from warehouse_mfa.db import create_engine
from warehouse_mfa.factors.interfaces import IFactor, IFactorService
from warehouse_mfa.paths import PACKAGE

PAGE = PACKAGE.parent / "dev" / "factors.md"
FILE = re.compile(r"^`(deskcode/[\w./]+)`\n\n```\w+\n(.*?)^```$", re.MULTILINE | re.DOTALL)
STEP = "/account/desk-code/"


@pytest.fixture
def package(tmp_path: Path) -> Iterator[ModuleType]:
    """The package `deskcode`, as it stands in the page."""
    for name, content in FILE.findall(PAGE.read_text(encoding="utf-8")):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content, encoding="utf-8")
    sys.path.insert(0, str(tmp_path))
    invalidate_caches()
    yield import_module("deskcode")
    sys.path.remove(str(tmp_path))
    for name in [name for name in sys.modules if name.partition(".")[0] == "deskcode"]:
        del sys.modules[name]


class SiteWithDesk(Site):
    def _extend(self, config: Configurator) -> None:
        super()._extend(config)
        config.include("deskcode")


@pytest.fixture
def desk(database_url: str, package: ModuleType) -> Iterator[SiteWithDesk]:
    """A site with that factor, and its table."""
    engine = create_engine(database_url)
    metadata = import_module("deskcode.table").METADATA
    metadata.create_all(engine)
    site = SiteWithDesk(database_url, origin_for(database_url))
    site.reset()
    yield site
    # Before its table goes: the next test finds nobody here.
    site.reset()
    site.close()
    metadata.drop_all(engine)
    engine.dispose()


def issue(desk: Site, person: Person) -> str:
    with desk.scope() as request:
        service = import_module("deskcode.service").DeskCodeService.create(None, request)
        return str(service.issue(person.user_id))


def test_the_example_is_a_factor(desk: Site) -> None:
    with desk.scope() as request:
        factor = request.find_service(IFactorService).named("deskcode")

    assert IFactor.providedBy(factor)
    assert all(hasattr(factor, name) for name in IFactor.names())


def test_its_code_lets_in_once(desk: Site) -> None:
    person = desk.person("alice", totp=True)
    code = issue(desk, person)
    visitor, other = desk.visitor(), desk.visitor(address="198.51.100.7")
    for each in (visitor, other):
        each.give_password(person)

    visitor.post_form(STEP, {"deskcode_value": code}, status=303)
    other.post_form(STEP, {"deskcode_value": code}, status=422)

    assert visitor.get("/manage/account/", status=200)
    assert desk.value("SELECT count(*) FROM sessions") == 2


def test_another_code_is_refused_on_the_page(desk: Site) -> None:
    person = desk.person("alice", totp=True)
    issue(desk, person)
    visitor = desk.visitor()
    visitor.give_password(person)

    page = visitor.post_form(STEP, {"deskcode_value": "00000000"}, status=422)

    assert "This is not a code of the help desk." in page
    assert desk.value("SELECT count(*) FROM deskcodes WHERE used_at IS NOT NULL") == 0


def test_pages_offer_it_without_a_change(desk: Site) -> None:
    person = desk.person("alice", totp=True)
    issue(desk, person)
    visitor = desk.visitor()
    visitor.give_password(person)

    asked = visitor.get("/account/two-factor/", status=200)
    visitor.give_code(person.code())
    factors = visitor.get("/manage/account/two-factor/", status=200)

    assert asked.html.select_one(f'a[href*="{STEP}"]')
    assert factors.html.select_one(".factor-deskcode")
    assert visitor.get("/manage/account/desk-code/", status=200)
