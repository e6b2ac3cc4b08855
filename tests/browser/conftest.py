"""A real browser before a real server. Failures leave a screenshot in pytest's folder of the test."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.common.browser import LAUNCH_ARGS, find_chromium
from tests.common.databases import Databases
from tests.common.people import Person
from tests.common.served import ServedSite
from tests.common.surfer import DESKTOP, OpenBrowser, ShareBrowser, Surfer

# Long enough for a machine that does much else; a test that passes never waits for it.
PATIENCE_MS = 20_000
expect.set_options(timeout=PATIENCE_MS)
SURFERS = pytest.StashKey[list[Surfer]]()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One Chromium for all tests; each test has contexts of its own."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=find_chromium(), args=LAUNCH_ARGS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def served_site(databases: Databases) -> Iterator[ServedSite]:
    with databases.copy("sqlite") as url, ServedSite(url) as site:
        yield site


@pytest.fixture
def site(served_site: ServedSite) -> Iterator[ServedSite]:
    """The application over an empty database, on a port of localhost."""
    yield served_site
    served_site.reset()


@pytest.fixture
def open_browser(
    request: pytest.FixtureRequest, chromium: Browser, site: ServedSite, tmp_path: Path
) -> Iterator[OpenBrowser]:
    """Opens a browser of somebody who has not been here before, with options of Playwright."""
    surfers = request.node.stash.setdefault(SURFERS, [])

    def open_one(origin: str = site.origin, **options: Any) -> Surfer:
        chosen = {"viewport": DESKTOP, "locale": "en", **options}
        context = chromium.new_context(**chosen)
        context.set_default_timeout(PATIENCE_MS)
        surfers.append(Surfer(context, origin, chosen["locale"]))
        return surfers[-1]

    yield open_one
    for surfer in surfers:
        surfer.context.close()


@pytest.fixture(scope="session")
def shared_surfers() -> Iterator[dict[str, Surfer]]:
    """The shared browsers by their language."""
    shared: dict[str, Surfer] = {}
    yield shared
    for surfer in shared.values():
        surfer.context.close()


@pytest.fixture
def share_browser(
    request: pytest.FixtureRequest,
    chromium: Browser,
    site: ServedSite,
    shared_surfers: dict[str, Surfer],
    tmp_path: Path,
) -> Iterator[ShareBrowser]:
    """Lends a browser that other tests had before: a new one costs a process, and a cold cache."""
    surfers = request.node.stash.setdefault(SURFERS, [])

    def lend(language: str = "en") -> Surfer:
        if language not in shared_surfers:
            # Without the fading of colors, which axe would measure half-way.
            context = chromium.new_context(
                viewport=DESKTOP, locale=language, reduced_motion="reduce"
            )
            context.set_default_timeout(PATIENCE_MS)
            shared_surfers[language] = Surfer(context, site.origin, language)
        surfers.append(shared_surfers[language])
        # Of several windows, only the one in front has a focus.
        surfers[-1].page.bring_to_front()
        return surfers[-1]

    yield lend
    for surfer in surfers:
        surfer.leave()


@pytest.fixture
def surfer(open_browser: OpenBrowser) -> Surfer:
    """Somebody with a browser who has not been here before."""
    return open_browser()


@pytest.fixture
def user_with_totp(site: ServedSite) -> Person:
    """Alice: verified address, password, authenticator app."""
    return site.person("alice", totp=True)


@pytest.fixture
def user_without_factor(site: ServedSite) -> Person:
    """Dave: verified address and password only."""
    return site.person("dave")


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Iterator[None]:
    """A test also fails when the browser complained, whatever it asserted."""
    result = yield
    for surfer in pyfuncitem.stash.get(SURFERS, []):
        assert not surfer.complaints, "\n".join(surfer.complaints)
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Function, call: pytest.CallInfo[None]
) -> Iterator[pytest.TestReport]:
    """When a test fails, photograph its pages, and name the pictures and the complaints."""
    report = yield
    if report.when == "call" and report.failed:
        for number, surfer in enumerate(item.stash.get(SURFERS, [])):
            path = item.funcargs["tmp_path"] / f"browser-{number}.png"
            surfer.page.screenshot(path=path, full_page=True)
            lines = [surfer.page.url, str(path), *surfer.complaints]
            report.sections.append((f"browser {number}", "\n".join(lines)))
    return report
