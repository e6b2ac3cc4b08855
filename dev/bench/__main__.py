"""Measure, and print a table beside the goals: `python -m dev.bench`."""

import argparse
import logging
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from dev.bench import hotspots, report
from dev.bench.cases import OURS, Name, open_cases
from dev.bench.databases import Database, SQLiteDatabase, open_databases
from dev.bench.measure import Cost, Key, measure
from dev.bench.serving import Serving, measure_serving
from dev.services import ServiceError
from warehouse_mfa import logs

STARTED = time.monotonic()
PROFILED = {
    "totp": Name.TOTP,
    "webauthn": Name.WEBAUTHN,
    "home": Name.HOME,
    "login": Name.LOGIN_PAGE,
    "register": Name.REGISTER_PAGE,
    "factor": Name.FACTOR_PAGE,
    "account": Name.ACCOUNT_PAGE,
    "keys": Name.MANY_KEYS_PAGE,
}


def main() -> None:
    options = _options()
    _log_as_in_production()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if options.profile:
            print(_profile(PROFILED[options.profile], SQLiteDatabase(folder)))
            return
        try:
            with open_databases(folder) as databases:
                costs = _measure(databases, options.rounds)
                serving = _measure_serving(databases, folder, options.serving)
        except ServiceError as error:
            raise SystemExit(str(error)) from None
    results = report.Results(costs, serving)
    print(report.to_json(results) if options.json else report.to_table(results))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m dev.bench", description=__doc__)
    parser.add_argument(
        "--rounds", type=int, default=30, help="how often each case is measured, at most"
    )
    parser.add_argument(
        "--serving",
        default=sys.executable,
        type=os.path.abspath,
        metavar="PYTHON",
        help="the interpreter of the process that serves (this one)",
    )
    parser.add_argument("--json", action="store_true", help="print JSON instead of the table")
    parser.add_argument(
        "--profile",
        nargs="?",
        const="totp",
        choices=PROFILED,
        help="print the dearest functions of a login or a page on SQLite instead (totp)",
    )
    return parser.parse_args()


def _log_as_in_production() -> None:
    """Write the log, which costs something, but let nobody read it."""
    logs.configure()
    for handler in logging.getLogger().handlers:
        if isinstance(handler, logging.StreamHandler):
            handler.setStream(open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115


def _profile(name: Name, database: SQLiteDatabase) -> str:
    with open_cases([database]) as groups:
        cases = (*groups.logins, *groups.pages)
        wanted = Key(database.kind, OURS, name)
        return hotspots.profile(next(case for case in cases if case.key == wanted))


def _measure(databases: Sequence[Database], rounds: int) -> dict[Key, Cost]:
    _say("setting up")
    with open_cases(databases) as groups:
        _say("measuring pages")
        costs = measure(groups.pages, rounds, seconds=15)
        _say("measuring logins")
        costs |= measure(groups.logins, rounds, seconds=25)
        _say("measuring with a costly password hash")
        # Fewer times: the hash takes most of it, and takes the same every time.
        return costs | measure(groups.costly, max(1, rounds // 3), seconds=12, warm_up=2)


def _measure_serving(
    databases: Sequence[Database], folder: Path, interpreter: str
) -> dict[str, Serving]:
    _say("measuring a process that serves")
    return {database.kind: measure_serving(database, folder, interpreter) for database in databases}


def _say(what: str) -> None:
    print(f"{time.monotonic() - STARTED:4.0f} s  {what} …", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
