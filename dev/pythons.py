"""Which Python interpreters are installed here, on the path or under pyenv."""

import os
import subprocess
from pathlib import Path

OLDEST = (3, 11)
NEWEST = (3, 14)
MINORS = tuple(f"{OLDEST[0]}.{minor}" for minor in range(OLDEST[1], NEWEST[1] + 1))


def find() -> dict[str, Path | None]:
    """Return each supported version, "3.12", with a working interpreter of it, or with None."""
    return {
        version: next((path for path in _candidates(version) if _works(path, version)), None)
        for version in MINORS
    }


def _candidates(version: str) -> list[Path]:
    name = f"python{version}"
    folders = [Path(folder) for folder in os.get_exec_path()]
    on_path = [folder / called for called in (name, "python3") for folder in folders]
    # Under pyenv, which may have put its shims on the path without naming its home.
    homes = [folder.parent for folder in folders if folder.name == "shims"]
    homes.append(Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv"))
    in_pyenv = [path for home in homes for path in home.glob(f"versions/{version}.*/bin/{name}")]
    return [path for path in (*on_path, *in_pyenv) if path.exists()]


def _works(interpreter: Path, version: str) -> bool:
    # A shim of pyenv may be on the path without the version that it stands for.
    question = 'import ensurepip, sys, venv; print("%d.%d" % sys.version_info[:2])'
    answer = subprocess.run(
        [interpreter, "-c", question], capture_output=True, text=True, check=False
    )
    return answer.stdout.strip() == version
