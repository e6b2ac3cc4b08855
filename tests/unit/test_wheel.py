"""The wheel: what is in it, and that it serves from an empty directory."""

import configparser
import re
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.common.commands import InstalledOperator

CHECKOUT = Path(__file__).parents[2]
TOP_LEVEL = ("templates", "static", "migrations")
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
    operator = InstalledOperator(tmp_path, command, environment="development")

    with operator.serve() as running:
        ready = running.get("/_health/ready")
        page = running.get("/", Host=urlsplit(running.origin).netloc)
        text = page.read().decode()

    assert (ready.status, page.status) == (200, 200)
    assert 'href="/static/css/' in text


def test_wheel_says_what_production_needs(command: Path, tmp_path: Path) -> None:
    outcome = InstalledOperator(tmp_path, command).run("serve")

    assert outcome.returncode == 1
    missing = [name for name in NEEDED_IN_PRODUCTION if name not in outcome.stderr]
    assert missing == []
