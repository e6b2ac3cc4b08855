"""Measuring in turn: in every round each case once, so that what disturbs one disturbs all."""

import random
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from dev.bench.browser import Browser, Meter
from dev.bench.databases import Database
from dev.bench.subject import ORIGIN, Subject

WARM_UP = 8
"""Rounds that do not count: templates are compiled, statements prepared (psycopg: at the sixth use)."""
FEWEST_ROUNDS = 3
STEP_SECONDS = 31
"""From one login to the next: a code is taken once."""


@dataclass(frozen=True)
class Key:
    """What was measured: kind of database, "ours" or "floor", name of the case."""

    database: str
    subject: str
    name: str


@dataclass(frozen=True)
class Case:
    """Something to measure on one subject. `act` gets a browser with `cookies` in its jar."""

    key: Key
    subject: Subject
    database: Database
    url: str
    act: Callable[[Browser], object]
    cookies: dict[str, str]
    moves_clock: bool = False


@dataclass(frozen=True)
class Cost:
    """What a case costs: medians in milliseconds, and the counts of one time."""

    application_ms: float
    application_mean_ms: float
    database_ms: float | None
    """`None` for SQLite, which works inside of the application."""
    statements: int
    transactions: int

    @property
    def total_ms(self) -> float:
        """Application and database together."""
        return self.application_ms + (self.database_ms or 0.0)


def measure(
    cases: Sequence[Case], rounds: int, seconds: float, *, warm_up: int = WARM_UP
) -> dict[Key, Cost]:
    """Return the cost of each case, after `rounds`, or fewer on a machine that is busy."""
    application: list[list[float]] = [[] for _ in cases]
    database: list[list[float]] = [[] for _ in cases]
    order = random.Random(0)
    until = time.monotonic() + seconds
    for number in range(-warm_up, rounds):
        if number >= FEWEST_ROUNDS and time.monotonic() > until:
            break
        # In another order every time, the same in every run: none always follows the same one.
        for i in order.sample(range(len(cases)), len(cases)):
            before = cases[i].database.seconds(cases[i].url)
            spent = act(cases[i])
            after = cases[i].database.seconds(cases[i].url)
            if number >= 0:
                application[i].append(spent)
                if before is not None and after is not None:
                    database[i].append(after - before)
    return {case.key: _cost(case, application[i], database[i]) for i, case in enumerate(cases)}


def act(case: Case) -> float:
    """Do it once; return the processor time of the application's answers."""
    if case.moves_clock:
        case.subject.clock.advance(seconds=STEP_SECONDS)
    meter = Meter(case.subject.application)
    case.act(Browser(meter.send, ORIGIN, case.cookies))
    return meter.seconds


def _cost(case: Case, application: list[float], database: list[float]) -> Cost:
    with case.subject.counted() as counts:
        act(case)
    return Cost(
        application_ms=statistics.median(application) * 1000,
        application_mean_ms=statistics.mean(application) * 1000,
        database_ms=statistics.median(database) * 1000 if database else None,
        statements=counts.statements,
        transactions=counts.transactions,
    )
