"""The wheel: what is in it, and that it serves from an empty directory."""

import configparser
import os
import re
import shutil
import socket
import subprocess
import sys
import sysconfig
import time
import urllib.error
import urllib.request
import venv
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[2]
TOP_LEVEL = ("templates", "static", "migrations")
START_SECONDS = 60
NEEDED_IN_PRODUCTION = ("ORIGIN", "SECRET_KEYS", "SMTP_URL", "MAIL_FROM", "SECURITY_CONTACT")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from a copy of the checkout as a fresh clone has it."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    not_cloned = shutil.ignore_patterns("__pycache__", "*.mo")
    for name in ("warehouse_mfa", *TOP_LEVEL):
        shutil.copytree(CHECKOUT / name, source / name, ignore=not_cloned)
    for name in ("setup.py", "setup.cfg", "pyproject.toml", "README.md", "LICENSE"):
        if (CHECKOUT / name).exists():
            shutil.copy(CHECKOUT / name, source)
    _run("wheel", "--no-deps", "--no-build-isolation", f"--wheel-dir={folder}", source)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def command(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The command `warehouse-mfa` of an environment in which only the wheel was installed."""
    environment = tmp_path_factory.mktemp("environment")
    venv.create(environment, with_pip=False)
    interpreter = environment / "bin" / "python"
    _run("--python", interpreter, "install", "--no-deps", "--no-index", wheel)
    # What the wheel depends on comes from here. A path in a .pth file is only appended: the
    # checkout, which is installed here by a .pth file of its own, stays out of sight.
    (packages,) = environment.glob("lib/*/site-packages")
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return environment / "bin" / "warehouse-mfa"


def _run(*arguments: str | Path) -> None:
    subprocess.run([sys.executable, "-m", "pip", "--quiet", *arguments], check=True)


def _environment(**settings: str) -> dict[str, str]:
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("WAREHOUSE_MFA_", "PYTHON"))
    }
    return inherited | {f"WAREHOUSE_MFA_{name}": value for name, value in settings.items()}


def _names(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def _files(folder: str, pattern: str = "*") -> set[str]:
    found = (CHECKOUT / folder).rglob(pattern)
    return {
        path.relative_to(CHECKOUT).as_posix()
        for path in found
        if path.is_file() and "__pycache__" not in path.parts
    }


def test_setup_lists_every_package_of_the_tree() -> None:
    config = configparser.ConfigParser()
    config.read(CHECKOUT / "setup.cfg", encoding="utf-8")

    listed = set(config["options"]["packages"].split())

    in_tree = {
        path.parent.relative_to(CHECKOUT).as_posix().replace("/", ".")
        for path in (CHECKOUT / "warehouse_mfa").rglob("__init__.py")
    }
    assert listed == in_tree | {f"warehouse_mfa._{name}" for name in TOP_LEVEL}


def test_wheel_holds_every_module(wheel: Path) -> None:
    modules = _files("warehouse_mfa", "*.py")

    assert modules - _names(wheel) == set()


@pytest.mark.parametrize("folder", TOP_LEVEL)
def test_wheel_holds_every_file_of_a_top_level_folder(wheel: Path, folder: str) -> None:
    expected = {f"warehouse_mfa/_{name}" for name in _files(folder)}

    assert expected - _names(wheel) == set()


def test_wheel_holds_a_compiled_catalogue_for_every_language(wheel: Path) -> None:
    catalogues = _files("warehouse_mfa/locale", "*.po")

    compiled = {name.removesuffix(".po") + ".mo" for name in catalogues}
    assert compiled
    assert compiled - _names(wheel) == set()


def test_wheel_holds_nothing_else(wheel: Path) -> None:
    strangers = [
        name
        for name in _names(wheel)
        if not name.startswith(("warehouse_mfa/", "warehouse_mfa-")) or "__pycache__" in name
    ]

    assert strangers == []


def test_wheel_asks_for_a_setuptools_that_pyramid_can_use(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        (metadata,) = (name for name in archive.namelist() if name.endswith("/METADATA"))
        text = archive.read(metadata).decode()

    assert re.search(r"^Requires-Dist: setuptools<82$", text, re.MULTILINE)


def test_wheel_serves_from_an_empty_directory(command: Path, tmp_path: Path) -> None:
    port = _free_port()

    with _serving(command, tmp_path, port) as process:
        status = _wait_until_ready(process, port)
        page = _get(f"http://localhost:{port}/")

    assert status == 200
    assert 'href="/static/css/' in page


def test_wheel_says_what_production_needs(command: Path, tmp_path: Path) -> None:
    outcome = subprocess.run(
        [command, "serve"],
        cwd=tmp_path,
        env=_environment(),
        capture_output=True,
        text=True,
        timeout=START_SECONDS,
        check=False,
    )

    assert outcome.returncode == 1
    missing = [name for name in NEEDED_IN_PRODUCTION if name not in outcome.stderr]
    assert missing == []


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@contextmanager
def _serving(command: Path, folder: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    # Its lines go to the test's own output, which pytest shows when the test fails.
    process = subprocess.Popen(
        [command, "serve", "--port", str(port)],
        cwd=folder,
        env=_environment(ENVIRONMENT="development"),
    )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(START_SECONDS)


def _wait_until_ready(process: subprocess.Popen[bytes], port: int) -> int:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        assert process.poll() is None, "the server ended"
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/_health/ready") as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            error.close()
            return error.code
        except OSError:
            time.sleep(0.1)
    raise TimeoutError("the server did not answer")


def _get(address: str) -> str:
    with urllib.request.urlopen(address) as answer:
        return str(answer.read().decode())
