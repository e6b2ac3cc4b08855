"""The results as one table, or as JSON."""

import json
import platform
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from dev.bench import goals
from dev.bench.cases import BARE, FLOOR, OURS, Name
from dev.bench.goals import Goal
from dev.bench.measure import Cost, Key
from dev.bench.serving import Serving

KINDS = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
LOGINS = (Name.TOTP, Name.WEBAUTHN, Name.NEW_DEVICE)
PAGES = (
    Name.HOME,
    Name.LOGIN_PAGE,
    Name.REGISTER_PAGE,
    Name.FACTOR_PAGE,
    Name.ACCOUNT_PAGE,
    Name.MANY_KEYS_PAGE,
)
PASSWORD_STEPS = (Name.KNOWN_NAME, Name.UNKNOWN_NAME)
TITLE_WIDTH, WIDTH = 34, 9
NOTES = """\
Milliseconds are processor time, medians; "ratio" is ours to the floor, on this machine and in this run.
In SQLite's columns the database is part of the application. Goals are for PostgreSQL's columns."""

Value = Callable[[Cost], float | None]


@dataclass(frozen=True)
class Results:
    """All that was measured."""

    costs: Mapping[Key, Cost]
    serving: Mapping[str, Serving]

    def cost(self, kind: str, subject: str, name: Name) -> Cost | None:
        return self.costs.get(Key(kind, subject, name))

    def difference_of_names(self, kind: str) -> float | None:
        """Return by how many percent the password step tells a known name from an unknown one."""
        costs = [self.cost(kind, OURS, name) for name in PASSWORD_STEPS]
        known, unknown = (cost.total_ms if cost else None for cost in costs)
        return abs(known / unknown - 1) * 100 if known and unknown else None


def to_json(results: Results) -> str:
    costs: dict[str, Any] = {}
    for key, cost in results.costs.items():
        of_subject = costs.setdefault(key.database, {}).setdefault(key.subject, {})
        of_subject[key.name] = asdict(cost)
    return json.dumps(
        {
            "python": platform.python_version(),
            "costs": costs,
            "difference_of_names_percent": {
                kind: results.difference_of_names(kind) for kind in KINDS
            },
            "serving": {kind: asdict(serving) for kind, serving in results.serving.items()},
        },
        indent=2,
    )


def to_table(results: Results) -> str:
    def part(
        title: str, names: Iterable[Name], value: Value, reach: Mapping[Name, Goal]
    ) -> list[str]:
        return [title, *(_row(results, name, value, reach.get(name)) for name in names)]

    applications = (*LOGINS, Name.COSTLY_TOTP, *PASSWORD_STEPS, *PAGES)
    totals = (*LOGINS, Name.COSTLY_TOTP, Name.ACCOUNT_PAGE, Name.MANY_KEYS_PAGE)
    lines = [
        *_head(),
        *part(
            "Application, ms", applications, lambda cost: cost.application_ms, goals.APPLICATION_MS
        ),
        *part(
            "Database, ms",
            (*LOGINS, Name.ACCOUNT_PAGE),
            lambda cost: cost.database_ms,
            goals.DATABASE_MS,
        ),
        *part("Application and database, ms", totals, lambda cost: cost.total_ms, goals.TOTAL_MS),
        *part(
            "SQL statements",
            (*LOGINS, *PAGES),
            lambda cost: cost.statements,
            goals.STATEMENTS,
        ),
        *part("Transactions", LOGINS, lambda cost: cost.transactions, {}),
        "Beside the bare floor, ms: application",
        *_beside_bare(results, lambda cost: cost.application_ms, goals.APPLICATION_RATIO),
        "Beside the bare floor, ms: database",
        *_beside_bare(results, lambda cost: cost.database_ms, goals.DATABASE_RATIO),
        "Password step",
        _ours_alone(
            "known to unknown name, %",
            {kind: results.difference_of_names(kind) for kind in KINDS},
            goals.DIFFERENCE_OF_NAMES_PERCENT,
        ),
        "A process that serves",
        _ours_alone(
            "memory, MB",
            {kind: serving.memory_mb for kind, serving in results.serving.items()},
            goals.MEMORY_MB,
        ),
        _ours_alone(
            "first answer after, s",
            {kind: serving.start_seconds for kind, serving in results.serving.items()},
            goals.START_SECONDS,
        ),
        _ours_alone(
            "processor time until then, s",
            {kind: serving.start_processor_seconds for kind, serving in results.serving.items()},
            None,
        ),
    ]
    return "\n".join([*lines, "", NOTES])


def _head() -> list[str]:
    kinds = "".join(title.center(3 * WIDTH) for title in KINDS.values())
    columns = ["ours", "floor", "ratio"] * len(KINDS) + ["goal now", "goal"]
    return [
        " " * TITLE_WIDTH + kinds,
        " " * TITLE_WIDTH + "".join(column.rjust(WIDTH) for column in columns),
    ]


def _row(results: Results, name: Name, value: Value, goal: Goal | None) -> str:
    cells = _cells(results, name, value, FLOOR)
    return _line(name, cells, goal, reached=cells[3])


def _beside_bare(results: Results, value: Value, reach: Mapping[Name, Goal]) -> list[str]:
    lines = []
    for name, goal in reach.items():
        cells = _cells(results, name, value, BARE)
        lines.append(_line(f"{name}, by ratio", cells, goal, reached=cells[5]))
    return lines


def _cells(results: Results, name: Name, value: Value, beside: str) -> list[float | None]:
    """Return for each kind of database: ours, a floor, and their ratio."""
    cells: list[float | None] = []
    for kind in KINDS:
        costs = (results.cost(kind, subject, name) for subject in (OURS, beside))
        ours, floor = (value(cost) if cost else None for cost in costs)
        cells += [ours, floor, ours / floor if ours and floor else None]
    return cells


def _ours_alone(title: str, values: Mapping[str, float | None], goal: Goal | None) -> str:
    cells = [cell for kind in KINDS for cell in (values.get(kind), None, None)]
    return _line(title, cells, goal, reached=cells[3])


def _line(
    title: str, cells: list[float | None], goal: Goal | None, *, reached: float | None
) -> str:
    """Return a line of the table; `reached` is what the goal is for."""
    text = f"  {title}".ljust(TITLE_WIDTH) + "".join(_cell(cell) for cell in cells)
    if goal is None:
        return text.rstrip()
    verdict = "" if reached is None else "  met" if reached <= goal.now else "  not met"
    return text + _cell(goal.now) + _cell(goal.later) + verdict


def _cell(value: float | None) -> str:
    if value is None:
        return "".rjust(WIDTH)
    if value == int(value):
        return f"{int(value)}".rjust(WIDTH)
    return (f"{value:.2f}" if value < 20 else f"{value:.1f}").rjust(WIDTH)
