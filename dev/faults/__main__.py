"""Bring faults about and print what they showed: `python -m dev.faults [name…]`."""

import argparse
import logging
import sys
import time
from types import ModuleType

from dev.faults import (
    clock_jumps,
    database_restarts,
    ending,
    full_disks,
    half_migrated,
    key_changes,
    killing,
    limits_stores,
    mail_servers,
    overload,
    slow_clients,
)
from dev.faults.place import KINDS
from warehouse_mfa import logs

FAULTS: dict[str, ModuleType] = {
    "killing": killing,
    "ending": ending,
    "database-restarts": database_restarts,
    "mail-servers": mail_servers,
    "limits-stores": limits_stores,
    "overload": overload,
    "slow-clients": slow_clients,
    "half-migrated": half_migrated,
    "key-changes": key_changes,
    "full-disks": full_disks,
    "clock-jumps": clock_jumps,
}


def main() -> None:
    options = _options()
    # Processes that serve write their own log; what happens in this one is told by the outcome.
    logs.configure()
    logging.getLogger().handlers.clear()
    has_broken = False
    for name in options.names or FAULTS:
        fault = FAULTS[name]
        for kind in options.database or getattr(fault, "KINDS", KINDS):
            began = time.monotonic()
            outcome = fault.run(kind, options.rounds or fault.FULL)
            print(f"{name}, {kind}: {time.monotonic() - began:.0f} s")
            print("\n".join(f"  {line}" for line in outcome.lines), flush=True)
            has_broken |= bool(outcome.broken)
    sys.exit(1 if has_broken else 0)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m dev.faults", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="name", help=", ".join(FAULTS))
    parser.add_argument("--rounds", type=int, help="how often, instead of the full number")
    parser.add_argument("--database", action="append", choices=KINDS, help="both, if none is given")
    options = parser.parse_args()
    unknown = set(options.names) - set(FAULTS)
    if unknown:
        parser.error(f"no fault {', '.join(sorted(unknown))}; there are {', '.join(FAULTS)}")
    return options


if __name__ == "__main__":
    main()
