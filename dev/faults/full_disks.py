"""No room on the disk: whoever wants a change is told to come back, and everybody else is served.

The process may not make its files grow any more, by the limit that Linux has for their size, which
this program moves from outside. So it needs neither root nor a disk to fill.
"""

import resource
from collections.abc import Iterator
from contextlib import contextmanager

from dev.faults.agreement import compare, try_again
from dev.faults.client import Client
from dev.faults.load import Load
from dev.faults.outcome import Outcome
from dev.faults.people import LOG_IN
from dev.faults.place import SQLITE, Place, opened

SHORT, FULL = 2, 20
KINDS = (SQLITE,)  # PostgreSQL's processes are not ours to limit: they would be ended by it
BEFORE, AFTER = 20, 20
AGAIN = 6
LARGEST_FILE = 4096
PUBLIC = ("/", "/_health/live", LOG_IN, "/account/register/")


def run(kind: str, rounds: int) -> Outcome:
    """Fill the disk while people use the site; make room again."""
    outcome = Outcome()
    with opened(kind) as place:
        running = place.serve()
        with Load(place, outcome) as load:
            for _ in range(rounds):
                load.wait_for(BEFORE)
                with _full(running.process.pid):
                    _expect_refusals(place, outcome)
                load.wait_for(AFTER)
        compare(place.engine, load.people, place.keys, outcome)
        for person in load.people[-AGAIN:]:
            try_again(place.port, person, outcome)
        outcome.expect(running.end() == 0, "the process did not end well")
        outcome.count("people", len(load.people))
        outcome.count("rounds", rounds)
    return outcome


@contextmanager
def _full(pid: int) -> Iterator[None]:
    """Let no file of a process grow until the end of the block."""
    usual = resource.prlimit(pid, resource.RLIMIT_FSIZE, (LARGEST_FILE, resource.RLIM_INFINITY))
    try:
        yield
    finally:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, usual)


def _expect_refusals(place: Place, outcome: Outcome) -> None:
    with Client(place.port, outcome) as client:
        for path in PUBLIC:
            client.get(path)
        client.submit(LOG_IN, {"username": "nobody", "password": "wrong", "next": ""}, 503)
    outcome.count("changes refused with 503")
