"""Valid requests, changed in a few places: nothing fails, and nothing takes seconds."""

import logging
from collections.abc import Iterator
from random import Random

import pytest
from pyramid.config import Configurator
from pyramid.request import Request
from pyramid.response import Response
from pyramid.security import NO_PERMISSION_REQUIRED

from dev.fuzz.keeping import input_of_vector
from dev.fuzz.loop import LIMITS, PLENTY, Fuzzer, Listener
from dev.fuzz.mutation import input_of
from dev.fuzz.scenes import SCENES
from tests.common import vectors
from tests.common.databases import Databases
from tests.common.site import HTTP, Site

INPUTS, PARTS = 20_000, 10
ROOMY = {f"limit_{name}": PLENTY for name in LIMITS}
FOUND = vectors.load("fuzz")["inputs"]


@pytest.fixture(scope="module")
def url(databases: Databases) -> Iterator[str]:
    with databases.copy("sqlite") as url:
        yield url


@pytest.fixture(scope="module")
def roomy(url: str) -> Iterator[Site]:
    """A site where no input is refused for having been sent too often."""
    site = Site(url, HTTP, **ROOMY)
    yield site
    site.close()


@pytest.fixture(autouse=True)
def _quiet(caplog: pytest.LogCaptureFixture) -> None:
    # A line for each of twenty thousand answers is nothing that anybody reads.
    caplog.set_level(logging.ERROR)


@pytest.mark.attack("P-067", "P-101")
@pytest.mark.parametrize("part", range(PARTS))
def test_no_changed_request_fails_or_takes_seconds(roomy: Site, url: str, part: int) -> None:
    scenes = dict([*SCENES.items()][part::PARTS])

    results = Fuzzer(roomy, url, scenes).run(INPUTS // PARTS, f"ci-{part}")

    assert [str(failure.sent) + failure.details for failure in results.failures] == []
    assert results.inputs == INPUTS // PARTS


def test_changed_requests_reach_far_behind_the_door(roomy: Site, url: str) -> None:
    results = Fuzzer(roomy, url).run(600, "deep")

    # Not half of them are turned away for their shape; many are accepted or counted as attempts.
    assert results.statuses["400"] < 300
    assert results.statuses["422"] > 60
    assert results.changes > 60


@pytest.mark.parametrize("vector", FOUND, ids=vectors.vector_ids(FOUND))
def test_what_failed_once_fails_no_more(roomy: Site, url: str, vector: vectors.Vector) -> None:
    roomy.reset()
    scene, fuzzer = SCENES[vector["scene"]](roomy), Fuzzer(roomy, url)

    again, as_it_was = input_of(Random(vector["seed"]), scene), input_of_vector(vector)

    for sent in (as_it_was, again):
        outcome, details, _ = fuzzer.send(sent, Listener())
        assert outcome < "500", details


class BrokenSite(Site):
    """Ours, but that the form of the password fails."""

    def _extend(self, config: Configurator) -> None:
        super()._extend(config)
        config.add_view(
            _broken,
            route_name="login.password",
            request_method="POST",
            header="Content-Type:.*form",
            permission=NO_PERMISSION_REQUIRED,
        )


def _broken(context: object, request: Request) -> Response:
    raise RuntimeError("a mistake")


def test_a_page_that_fails_is_found_and_told_once_with_what_was_sent(roomy: Site, url: str) -> None:
    broken = BrokenSite(url, HTTP, **ROOMY)
    stranger = {"a stranger": SCENES["a stranger"]}

    results = Fuzzer(broken, url, stranger).run(200, "broken")
    broken.close()

    (failure,) = results.failures
    assert results.statuses["500"] > 20
    assert failure.outcome == "500"
    assert "a mistake" in failure.details
    assert failure.sent.path == "/account/login/"
