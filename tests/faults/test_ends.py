"""Processes that end in the middle of their work, as they are told or not."""

import pytest

from dev.faults import ending, killing


@pytest.mark.attack("P-107")
def test_what_was_acknowledged_survives_every_kill(kind: str) -> None:
    outcome = killing.run(kind, killing.SHORT)

    assert outcome.broken == []
    assert outcome.counts["changes acknowledged"] > killing.SHORT


@pytest.mark.attack("P-107")
def test_at_the_end_whatever_was_done_was_answered(kind: str) -> None:
    outcome = ending.run(kind, ending.SHORT)

    assert outcome.broken == []
    assert outcome.counts["changes acknowledged"] > ending.SHORT
