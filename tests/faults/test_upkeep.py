"""What operators do, and what happens to their machines."""

import pytest

from dev.faults import clock_jumps, full_disks, half_migrated, key_changes
from dev.faults.place import SQLITE


@pytest.mark.attack("P-111")
def test_a_migration_that_is_killed_is_done_or_not(kind: str) -> None:
    assert half_migrated.run(kind, half_migrated.SHORT).broken == []


def test_while_keys_change_every_app_logs_in(kind: str) -> None:
    outcome = key_changes.run(kind, key_changes.SHORT)

    assert outcome.broken == []
    assert outcome.counts["people of before who logged in with the new key alone"] > 0


def test_a_full_disk_costs_some_answers_and_no_change() -> None:
    outcome = full_disks.run(SQLITE, full_disks.SHORT)

    assert outcome.broken == []
    assert outcome.counts["changes refused with 503"] == full_disks.SHORT


def test_an_hour_ahead_and_back_nothing_spent_comes_back(kind: str) -> None:
    outcome = clock_jumps.run(kind, clock_jumps.SHORT)

    assert outcome.broken == []
    assert outcome.counts["people"] == clock_jumps.SHORT
