"""`keys`: the key ring."""

import click

from warehouse_mfa.clock import SystemClock
from warehouse_mfa.crypto.keys import generate_key
from warehouse_mfa.entropy import SystemEntropy


@click.group()
def keys() -> None:
    """The key ring that secrets in the database hang on."""


@keys.command()
def generate() -> None:
    """Print a new key for WAREHOUSE_MFA_SECRET_KEYS. Put it first; keep the older ones after it."""
    click.echo(generate_key(SystemEntropy(), f"k{SystemClock().now():%Y%m%d%H%M%S}"))
