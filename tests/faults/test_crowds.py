"""More people than can be served, and people who keep a server waiting."""

import pytest

from dev.faults import overload, slow_clients


@pytest.mark.attack("P-112")
def test_five_times_the_load_leaves_the_goodput(kind: str) -> None:
    assert overload.run(kind, overload.SHORT).broken == []


@pytest.mark.attack("P-112")
def test_a_thousand_slow_clients_keep_nobody_waiting(kind: str) -> None:
    outcome = slow_clients.run(kind, slow_clients.SHORT)

    assert outcome.broken == []
    assert outcome.counts["changes acknowledged"] >= 2 * slow_clients.SHORT
