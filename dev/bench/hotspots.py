"""Where the time of a login goes, as cProfile sees it: by the wall clock, small functions too dear.

On a busy machine trust the numbers of calls rather than the milliseconds.
"""

import cProfile
import pstats
import sysconfig
from collections import Counter
from pathlib import Path
from typing import Any

from dev.bench.browser import Browser, Meter, call
from dev.bench.measure import STEP_SECONDS, WARM_UP, Case
from dev.bench.subject import ORIGIN

LOGINS = 50
LINES = 45
PROJECT = Path(__file__).parents[2]
PLACES = (sysconfig.get_path("purelib"), sysconfig.get_path("stdlib"), str(PROJECT))

Place = tuple[str, int, str]
"""File, line and name of a function, as pstats keeps it."""


def profile(case: Case) -> str:
    """Return the functions of one case, dearest first, and the packages they belong to."""
    profiler = cProfile.Profile()
    for number in range(WARM_UP + LOGINS):
        if case.moves_clock:
            case.subject.clock.advance(seconds=STEP_SECONDS)
        is_warm = number >= WARM_UP
        meter = Meter(
            case.subject.application,
            (lambda *request: profiler.runcall(call, *request)) if is_warm else call,
        )
        case.act(Browser(meter.send, ORIGIN, case.cookies))
    # typeshed does not know what a Stats holds: calls, own and cumulative time by place.
    found: dict[Place, Any] = pstats.Stats(profiler).stats  # type: ignore[attr-defined]
    return "\n".join(
        [
            f"{case.key.name} on {case.key.database}, per login, under the profiler",
            *_functions(found),
            "",
            *_packages(found),
        ]
    )


def _functions(found: dict[Place, Any]) -> list[str]:
    dearest = sorted(found.items(), key=lambda item: -item[1][3])[:LINES]
    return [
        "    calls   own ms   cum ms  function",
        *(
            f"{calls / LOGINS:9.1f}{own / LOGINS * 1000:9.3f}{whole / LOGINS * 1000:9.3f}  "
            + _name_of(place)
            for place, (_, calls, own, whole, _) in dearest
        ),
    ]


def _packages(found: dict[Place, Any]) -> list[str]:
    own: Counter[str] = Counter()
    calls: Counter[str] = Counter()
    for place, (_, number, seconds, _, _) in found.items():
        own[_package_of(place)] += seconds
        calls[_package_of(place)] += number
    return [
        "    calls   own ms  package",
        *(
            f"{calls[package] / LOGINS:9.1f}{seconds / LOGINS * 1000:9.3f}  {package}"
            for package, seconds in own.most_common(20)
        ),
        f"{sum(calls.values()) / LOGINS:9.1f}{sum(own.values()) / LOGINS * 1000:9.3f}  all",
    ]


def _name_of(place: Place) -> str:
    file, line, function = place
    return f"{_short(file)}:{line} {function}" if line else function


def _package_of(place: Place) -> str:
    file, line, _ = place
    if not line:
        return "built in"
    return "templates" if file.endswith(".html") else _short(file).partition("/")[0]


def _short(file: str) -> str:
    """Return a path without the folder of this machine that it lies in."""
    for folder in PLACES:
        if file.startswith(f"{folder}/"):
            return file.removeprefix(f"{folder}/")
    return file
