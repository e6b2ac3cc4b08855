"""Operators' commands: `warehouse-mfa`. Each prints what it did, and exits 0 or says why not."""

import click

from warehouse_mfa import __version__
from warehouse_mfa.cli.context import CommandFailed
from warehouse_mfa.cli.database import db
from warehouse_mfa.cli.doctor import doctor
from warehouse_mfa.cli.keys import keys
from warehouse_mfa.cli.serve import serve
from warehouse_mfa.cli.settings import settings
from warehouse_mfa.cli.user import user
from warehouse_mfa.cli.worker import worker

__all__ = ["CommandFailed", "main"]


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="warehouse-mfa")
def main() -> None:
    """Account security for a Python package index."""


for command in (serve, worker, db, user, keys, settings, doctor):
    main.add_command(command)
