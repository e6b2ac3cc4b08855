"""Fuzz the whole application: `python -m dev.fuzz [--inputs N] [--seed S]`."""

import argparse
import logging
import tempfile
from pathlib import Path

from dev.fuzz import keeping
from dev.fuzz.loop import LIMITS, PLENTY, Fuzzer, Results
from tests.common.databases import migrated_database
from tests.common.site import HTTP, Site
from warehouse_mfa import logs

MILLION = 1_000_000


def main() -> None:
    options = _options()
    logs.configure(logging.ERROR)
    logging.getLogger().handlers.clear()
    with (
        tempfile.TemporaryDirectory() as folder,
        migrated_database("sqlite", Path(folder)) as url,
    ):
        site = Site(url, HTTP, **{f"limit_{name}": PLENTY for name in LIMITS})
        results = Fuzzer(site, url).run(options.inputs, options.seed)
        site.close()
    _tell(results)
    if results.failures:
        keeping.keep(results.failures)
        raise SystemExit(f"{len(results.failures)} kinds of failure, kept in {keeping.FILE.name}.")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m dev.fuzz", description=__doc__)
    parser.add_argument("--inputs", type=int, default=MILLION, help="how many (%(default)s)")
    parser.add_argument("--seed", default="1", help="the same seed makes the same choices")
    return parser.parse_args()


def _tell(results: Results) -> None:
    for failure in results.failures:
        print(f"--- {failure.scene}: {failure.outcome}\n{failure.sent}\n{failure.details}")
    told = ", ".join(f"{status}: {count}" for status, count in sorted(results.statuses.items()))
    print(
        f"{results.inputs} inputs in {results.seconds:.0f} s ({told}); {results.changes} changed "
        f"the database; the slowest took {results.slowest * 1000:.0f} ms."
    )


if __name__ == "__main__":
    main()
