"""Somebody at a shell, without a process of their own."""

import os
from collections.abc import Iterator
from contextlib import chdir
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.common.commands import variables
from tests.common.fresh import FreshDatabases
from tests.common.site import CHEAP_HASH, KEYS
from warehouse_mfa.cli import main
from warehouse_mfa.settings import PREFIX


class Shell:
    """Runs `warehouse-mfa` in a folder, with settings by field name."""

    def __init__(self, folder: Path, **settings_: str) -> None:
        self.folder = folder
        self.settings = settings_

    def run(self, *words: str, given: str | bytes = "", status: int = 0) -> Result:
        """Run a command and return what came of it, once its exit status is as expected."""
        with chdir(self.folder):
            result = CliRunner(env=variables(**self.settings)).invoke(main, words, input=given)
        # What is not an exit would be a traceback on the screen.
        assert isinstance(result.exception, SystemExit | None), result.exc_info
        assert result.exit_code == status, result.output
        return result

    def fail(self, *words: str, given: str | bytes = "") -> str:
        """Run a command that fails, and return the one line that says why."""
        result = self.run(*words, given=given, status=1)
        assert result.stdout == ""
        assert result.stderr.startswith("Error: ")
        assert result.stderr.endswith("\n")
        assert result.stderr.count("\n") == 1, result.stderr
        return result.stderr.removeprefix("Error: ").rstrip("\n")


@pytest.fixture
def shell(tmp_path: Path, fresh: FreshDatabases) -> Iterator[Shell]:
    """A shell with a database that is still empty."""
    assert not any(name.startswith(PREFIX) for name in os.environ)
    return Shell(
        tmp_path,
        environment="development",
        secret_keys=KEYS,
        password_hash=CHEAP_HASH,
        database_url=fresh.url(),
    )


@pytest.fixture
def bare(tmp_path: Path) -> Shell:
    """A shell in an empty folder with nothing set."""
    return Shell(tmp_path)
