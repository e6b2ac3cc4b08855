"""Run the tests on each Python that is installed: `python -m dev.matrix [arguments of pytest]`.

Each has a virtual environment of its own, `.venv-3.12`. The table at the end says what ran.
"""

import shlex
import subprocess
import sys
import time

from dev import pythons


def main() -> None:
    arguments = shlex.join(sys.argv[1:])
    rows = []
    for version, interpreter in pythons.find().items():
        if interpreter is None:
            rows.append((version, "not installed", ""))
            continue
        print(f"== Python {version}: {interpreter}", flush=True)
        began = time.monotonic()
        outcome = subprocess.run(
            [
                "make",
                "--no-print-directory",
                "tests",
                f"VENV=.venv-{version}",
                f"PYTHON={interpreter}",
                f"args={arguments}",
            ],
            check=False,
        )
        verdict = "passed" if outcome.returncode == 0 else "FAILED"
        rows.append((version, verdict, f"{time.monotonic() - began:.0f} s"))
    print("\nPython  tests")
    for version, verdict, duration in rows:
        print(f"{version:7} {verdict:14} {duration}".rstrip())
    if not any(verdict == "passed" for _, verdict, _ in rows):
        sys.exit("No tests ran.")
    if any(verdict == "FAILED" for _, verdict, _ in rows):
        sys.exit(1)


if __name__ == "__main__":
    main()
