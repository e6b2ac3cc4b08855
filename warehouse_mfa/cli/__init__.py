"""Operators' commands: `warehouse-mfa`. Each prints what it did, and exits 0 or says why not."""

import click
from pyramid.path import DottedNameResolver

from warehouse_mfa import __version__
from warehouse_mfa.cli.speech import CommandFailed, Option, Program
from warehouse_mfa.i18n import _

__all__ = ["CommandFailed", "main"]

COMMANDS = {
    "serve": "warehouse_mfa.cli.serve.serve",
    "worker": "warehouse_mfa.cli.worker.worker",
    "db": "warehouse_mfa.cli.database.db",
    "user": "warehouse_mfa.cli.user.user",
    "keys": "warehouse_mfa.cli.keys.keys",
    "audit": "warehouse_mfa.cli.audit.audit",
    "settings": "warehouse_mfa.cli.settings.settings",
    "doctor": "warehouse_mfa.cli.doctor.doctor",
}


class _Commands(Program):
    """Loads the command that is run, and what it needs; no process carries what others need."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = DottedNameResolver().resolve(COMMANDS[cmd_name])
        return command


@click.command(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"]},
    help=_("Account security for a Python package index."),
)
@click.version_option(
    __version__, prog_name="warehouse-mfa", cls=Option, help=_("Show the version and exit.")
)
def main() -> None:
    pass
