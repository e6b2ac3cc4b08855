"""PostgreSQL restarted, and crashed, under load; SQLite locked by somebody else. P-110."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from dev.faults.agreement import compare, try_again
from dev.faults.client import Client
from dev.faults.load import Load
from dev.faults.outcome import Outcome
from dev.faults.people import LOG_IN
from dev.faults.place import Place, opened

SHORT, FULL = 2, 20
BEFORE, AFTER = 15, 30
AGAIN = 8
LOCKED_SECONDS = 2.0


def run(kind: str, rounds: int) -> Outcome:
    """Take the database away in the middle of what people do, and go on."""
    outcome = Outcome()
    with opened(kind) as place:
        running = place.serve()
        with Load(place, outcome) as load:
            for number in range(rounds):
                load.wait_for(BEFORE)
                began = time.monotonic()
                with _away(place, number):
                    if place.server is None:
                        # All threads wait for the lock; nothing fails.
                        load.wait_for_standstill(LOCKED_SECONDS)
                    else:
                        _ask_for_what_needs_none(place, outcome)
                load.wait_for(1)
                outcome.longest("seconds until the next change", time.monotonic() - began)
                load.wait_for(AFTER)
        compare(place.engine, load.people, place.keys, outcome)
        for person in load.people[-AGAIN:]:
            try_again(place.port, person, outcome)
        _is_alone_still(place, outcome)
        outcome.expect(running.end() == 0, "the process did not end well")
        outcome.count("people", len(load.people))
        outcome.count("rounds", rounds)
    return outcome


@contextmanager
def _away(place: Place, number: int) -> Iterator[None]:
    """Take the database away until the end of the block: orderly, or as if power had failed."""
    if place.server is None:
        with place.engine.begin():
            yield
    else:
        if number % 2:
            place.server.crash()
        else:
            place.server.interrupt()
        yield
        place.server.resume()


def _ask_for_what_needs_none(place: Place, outcome: Outcome) -> None:
    with Client(place.port, outcome) as client:
        for path in ("/", "/_health/live", LOG_IN):
            client.get(path)


def _is_alone_still(place: Place, outcome: Outcome) -> None:
    try:
        with place.operator.serve():
            outcome.breaks("a second process was let serve the same database")
    except EOFError as refused:
        outcome.expect("Another process serves" in str(refused), f"it was refused: {refused}")
