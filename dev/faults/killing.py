"""kill -9 at any moment, under load; then the site starts again, without help. P-107."""

import random

from dev.faults.agreement import compare, try_again
from dev.faults.load import Load
from dev.faults.outcome import Outcome
from dev.faults.people import Someone
from dev.faults.place import opened

SHORT, FULL = 3, 100
MOST_CHANGES = 100
AGAIN = 6
SEED = 107


def run(kind: str, rounds: int) -> Outcome:
    """Kill after a number of changes that differs each time; compare all people of all rounds."""
    outcome = Outcome()
    chance = random.Random(SEED)
    everybody: list[Someone] = []
    with opened(kind) as place:
        running = place.serve()
        for _ in range(rounds):
            with Load(place, outcome) as load:
                load.wait_for(chance.randint(1, MOST_CHANGES))
                running.kill()
            everybody += load.people
            running = place.serve()
            compare(place.engine, everybody, place.keys, outcome)
            for person in load.people[-AGAIN:]:
                try_again(place.port, person, outcome)
        outcome.expect(running.end() == 0, "the last process did not end well")
        compare(place.engine, everybody, place.keys, outcome)
        outcome.count("people", len(everybody))
    return outcome
