"""A service is asked for five digits of the digest, and has a second."""

from collections.abc import Iterator
from time import monotonic

import pytest

from tests.common.breached import BREACHED, DIGEST, Service, serving
from warehouse_mfa.breaches.ranges import AT_ONCE, RangesOfBreaches, names

OTHER = "tundra kelp 7 marmots"


@pytest.fixture
def service() -> Iterator[Service]:
    with serving() as service:
        yield service


def test_a_password_that_the_service_names_is_known(service: Service) -> None:
    assert RangesOfBreaches(service.base).is_breached(BREACHED)


def test_another_is_not(service: Service) -> None:
    assert not RangesOfBreaches(service.base).is_breached(OTHER)


def test_the_service_learns_five_digits_and_gives_answers_alike_long(service: Service) -> None:
    RangesOfBreaches(service.base).is_breached(BREACHED)

    assert service.asked == [(f"/range/{DIGEST[:5]}", "true")]


@pytest.mark.parametrize("status", [301, 404, 429, 500, 503])
def test_a_service_that_refuses_knows_nothing(service: Service, status: int) -> None:
    service.status = status

    assert not RangesOfBreaches(service.base).is_breached(BREACHED)


@pytest.mark.parametrize("body", [b"", b"\xff\xfe", b"<html>", b"x" * 1_000_000])
def test_an_answer_that_is_none_knows_nothing(service: Service, body: bytes) -> None:
    service.body = body

    assert not RangesOfBreaches(service.base).is_breached(BREACHED)


def test_a_service_that_is_gone_knows_nothing() -> None:
    with serving() as service:
        gone = service.base

    assert not RangesOfBreaches(gone).is_breached(BREACHED)


def test_nobody_waits_longer_than_the_budget_however_many_ask(service: Service) -> None:
    service.may_answer.clear()
    breaches = RangesOfBreaches(service.base, budget_seconds=0.05)
    started = monotonic()

    answers = [breaches.is_breached(BREACHED) for _ in range(3 * AT_ONCE)]

    assert answers == [False] * 3 * AT_ONCE
    assert monotonic() - started < 10
    assert len(service.asked) <= AT_ONCE + 3 * AT_ONCE


@pytest.mark.parametrize(
    ("line", "is_named"),
    [
        ("ABC:1", True),
        ("abc:1", True),
        ("ABC:0", False),
        ("ABC:", False),
        ("ABC", False),
        ("ABCD:1", False),
        ("", False),
    ],
)
def test_a_line_names_a_digest_when_it_was_seen(line: str, is_named: bool) -> None:
    assert names(f"000:1\r\n{line}\r\nFFF:2", "ABC") is is_named
