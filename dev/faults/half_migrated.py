"""`db upgrade` killed at any moment, and four at once. P-111."""

import random
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import inspect

from dev.faults.outcome import Outcome
from dev.faults.place import Place, opened
from warehouse_mfa.db import migrations, schema

SHORT, FULL = 2, 60
SEED = 111
AT_ONCE = 4
OLD = "-3"


def run(kind: str, rounds: int) -> Outcome:
    """Kill upgrades at moments that differ, and do them again; then migrate four times at once."""
    outcome = Outcome()
    chance = random.Random(SEED)
    with opened(kind, migrated=False) as place:
        usual = _usual_seconds(place, outcome)
        for number in range(rounds):
            # From nothing, and from what an older release has left.
            migrations.downgrade(place.engine, OLD if number % 2 else "base")
            stood = schema.current_revision(place.engine)
            with place.operator.start("db", "upgrade") as upgrade:
                try:
                    upgrade.wait(chance.uniform(0.5, 1.0) * usual)
                except subprocess.TimeoutExpired:
                    upgrade.kill()
                    outcome.count("upgrades killed")
            _expect_whole(place, outcome, stood)
        outcome.count("rounds", rounds)
        migrations.downgrade(place.engine, OLD)
        _upgrade_at_once(place, outcome)
    return outcome


def _usual_seconds(place: Place, outcome: Outcome) -> float:
    began = time.monotonic()
    _expect_upgraded(outcome, place.operator.run("db", "upgrade"))
    return time.monotonic() - began


def _expect_whole(place: Place, outcome: Outcome, stood: str | None) -> None:
    """Expect that all was done or nothing, and that doing it again completes it."""
    revision = schema.current_revision(place.engine)
    outcome.expect(
        revision in (stood, schema.head_revision()), f"it was left at {revision}, from {stood}"
    )
    if revision is None:
        tables = set(inspect(place.engine).get_table_names()) - {"alembic_version"}
        outcome.expect(not tables, f"tables of no revision: {tables}")
    outcome.count("killed before the end", revision == stood)
    migrations.upgrade(place.engine)


def _upgrade_at_once(place: Place, outcome: Outcome) -> None:
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for done in pool.map(lambda _: place.operator.run("db", "upgrade"), range(AT_ONCE)):
            _expect_upgraded(outcome, done)
    outcome.count("upgrades at once", AT_ONCE)
    checked = place.operator.run("db", "check")
    outcome.expect(checked.returncode == 0, f"db check: {checked.stderr}")


def _expect_upgraded(outcome: Outcome, done: subprocess.CompletedProcess[str]) -> None:
    outcome.expect(
        done.returncode == 0 and schema.head_revision() in done.stdout,
        f"db upgrade: {done.returncode} {done.stdout} {done.stderr}",
    )
