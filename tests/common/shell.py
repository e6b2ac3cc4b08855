"""`warehouse-mfa` without a process of its own."""

from collections.abc import Iterator
from contextlib import chdir
from pathlib import Path

import click
from click.testing import CliRunner, Result

from tests.common.commands import variables
from warehouse_mfa.cli import main


def commands(
    group: click.Group = main, path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Yield every command below a group, with the words that call it."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        yield (*path, name), command
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))


class Shell:
    """Runs `warehouse-mfa` in a folder, with settings by field name."""

    def __init__(self, folder: Path, **settings_: str) -> None:
        self.folder = folder
        self.settings = settings_
        self.language = "en"

    def run(
        self, *words: str, given: str | bytes = "", status: int = 0, charset: str = "utf-8"
    ) -> Result:
        """Run a command and return what came of it, once its exit status is as expected."""
        with chdir(self.folder):
            result = CliRunner(
                charset=charset, env={"LANGUAGE": self.language, **variables(**self.settings)}
            ).invoke(main, words, input=given)
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
