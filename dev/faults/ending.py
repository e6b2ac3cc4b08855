"""SIGTERM under load: whoever was not answered has changed nothing. P-107."""

import random

from dev.faults.agreement import compare
from dev.faults.load import Load
from dev.faults.outcome import Outcome
from dev.faults.people import Someone
from dev.faults.place import opened

SHORT, FULL = 2, 30
MOST_CHANGES = 60
SEED = 15


def run(kind: str, rounds: int) -> Outcome:
    """End the process in an orderly way, each time at another moment."""
    outcome = Outcome()
    chance = random.Random(SEED)
    everybody: list[Someone] = []
    with opened(kind) as place:
        for _ in range(rounds):
            running = place.serve()
            with Load(place, outcome) as load:
                load.wait_for(chance.randint(1, MOST_CHANGES))
                status = running.end()
            outcome.expect(status == 0, f"the process ended with {status}")
            everybody += load.people
            happened = compare(place.engine, everybody, place.keys, outcome)
            outcome.expect(happened == 0, f"{happened} changes were made, but not answered")
        outcome.count("people", len(everybody))
    return outcome
