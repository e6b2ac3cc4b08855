"""Pin the newest release of every package that setup.cfg admits: `python -m dev.requirements`.

Each Python that is installed here is asked what it would install; where they disagree, a line names
the versions of Python it is for. Only names and versions are written, never where they come from.
"""

import configparser
import json
import re
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

from dev import pythons

CONSTRAINTS = Path("dev/requirements/constraints.txt")
HEADER = "# Every package, pinned: `make requirements` writes this file from setup.cfg.\n"


def required() -> list[str]:
    """Return what setup.cfg asks for, to run, to test and to check."""
    config = configparser.ConfigParser()
    config.read("setup.cfg", encoding="utf-8")
    lists = [
        config["options"]["install_requires"],
        *config["options.extras_require"].values(),
    ]
    lines = [line.partition("#")[0].strip() for text in lists for line in text.splitlines()]
    return [line for line in lines if line]


def resolve(interpreter: Path) -> dict[str, str]:
    """Return the releases, by name, that an empty environment of this Python would get."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([interpreter, "-m", "venv", folder], check=True)
        report = Path(folder) / "report.json"
        subprocess.run(
            [
                Path(folder) / "bin" / "python",
                *("-m", "pip", "install", "--quiet", "--dry-run", "--ignore-installed"),
                *("--only-binary", ":all:", "--report", report, *required()),
            ],
            check=True,
        )
        installed = json.loads(report.read_text(encoding="utf-8"))["install"]
    return {
        re.sub(r"[-_.]+", "-", item["metadata"]["name"]).lower(): item["metadata"]["version"]
        for item in installed
    }


def merge(resolved: dict[str, dict[str, str]]) -> list[str]:
    """Return the lines of the file, from what each version of Python would install."""
    versions: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for python, packages in resolved.items():
        for name, version in packages.items():
            versions[name][version].append(python)
    lines = []
    for name, by_version in sorted(versions.items()):
        if len(by_version) == 1:
            lines += [f"{name}=={version}" for version in by_version]
            continue
        last = max(by_version, key=lambda version: _number(by_version[version][-1]))
        for version, wanting in by_version.items():
            sign = ">=" if version == last else "=="
            found = wanting[:1] if version == last else wanting
            marker = " or ".join(f'python_version {sign} "{python}"' for python in found)
            lines.append(f"{name}=={version} ; {marker}")
    return lines


def _number(python: str) -> tuple[int, ...]:
    return tuple(map(int, python.split(".")))


def main() -> None:
    resolved = {}
    for python, interpreter in pythons.find().items():
        if interpreter is None:
            print(f"Python {python} is not installed; it was not asked.")
            continue
        print(f"Asking Python {python}.", flush=True)
        resolved[python] = resolve(interpreter)
    if not resolved:
        sys.exit("No Python was found.")
    CONSTRAINTS.write_text(HEADER + "\n".join(merge(resolved)) + "\n", encoding="utf-8")
    print(f"Wrote {CONSTRAINTS}.")


if __name__ == "__main__":
    main()
