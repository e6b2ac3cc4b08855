"""`keys`: the key ring."""

import json
from dataclasses import asdict

import click

from warehouse_mfa.cli.context import CommandFailed, scope
from warehouse_mfa.clock import SystemClock
from warehouse_mfa.crypto.keys import generate_key
from warehouse_mfa.entropy import SystemEntropy
from warehouse_mfa.keys.interfaces import IKeyService, KeyInUse, KeyRefusal, KeyUsage, Rotation


@click.group()
def keys() -> None:
    """The key ring that secrets in the database hang on."""


@keys.command()
def generate() -> None:
    """Print a new key for WAREHOUSE_MFA_SECRET_KEYS. Put it first; keep the older ones after it."""
    click.echo(generate_key(SystemEntropy(), f"k{SystemClock().now():%Y%m%d%H%M%S}"))


@keys.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_(as_json: bool) -> None:
    """List every key, which one is current, and how many rows of which table hang on it."""
    with scope() as request:
        found: list[KeyUsage] = request.find_service(IKeyService).usage()
    if as_json:
        click.echo(json.dumps([asdict(usage) for usage in found], indent=2))
        return
    for usage in found:
        rows = ", ".join(f"{table}: {number}" for table, number in usage.rows.items())
        click.echo(f"{usage.key_id}\t{_state(usage)}\t{rows or 'no rows'}")


def _state(usage: KeyUsage) -> str:
    if usage.is_current:
        return "current"
    return "older" if usage.is_in_ring else "not in the ring"


@keys.command()
def rotate() -> None:
    """Encrypt again, under the current key, every row that can be.

    Restart every `serve` and `worker` with the new key before: those without it cannot open what
    this command writes. It may be stopped and started again, and they may serve meanwhile. Counters
    of attempts begin at nothing with the new key, and end with their windows under the old one.
    """
    with scope() as request:
        rotations: list[Rotation] = request.find_service(IKeyService).rotate()
    for rotation in rotations:
        if rotation.resealed is not None:
            click.echo(f"{rotation.table}: {rotation.resealed} encrypted under the current key.")
        others = rotation.left - rotation.unreadable
        if others > 0:
            click.echo(
                f"{rotation.table}: {others} on another key still. Digests stay so "
                "until they are used up; for anything else, run this again."
            )
    unreadable = sum(rotation.unreadable for rotation in rotations)
    if unreadable:
        raise CommandFailed(
            f"Rows that do not open with the key that they name, and are as they were: {unreadable}. "
            "`warehouse-mfa keys list` shows whether it is in the ring."
        )


@keys.command()
@click.argument("key_id")
@click.option("--revoke", is_flag=True, help="Revoke the rows that hang on it.")
def drop(key_id: str, revoke: bool) -> None:
    """Say how to take the key KEY_ID out of the ring, once no row hangs on it.

    With --revoke its rows are made worthless first: the apps, and the codes, of the people whom
    they belong to prove nothing any more, and each of them is told by mail. What has no row, such
    as a page with a form that is open somewhere, ends with the key, and people press again.
    """
    with scope() as request:
        service: IKeyService = request.find_service(IKeyService)
        try:
            revoked = service.revoke(key_id) if revoke else {}
            service.release(key_id)
        except KeyInUse as refusal:
            raise CommandFailed(
                f"{refusal} `warehouse-mfa keys rotate` moves what can be moved; "
                "--revoke makes the rest worthless."
            ) from refusal
        except KeyRefusal as refusal:
            raise CommandFailed(str(refusal)) from refusal
    for table, number in revoked.items():
        click.echo(f"{table}: {number} revoked, told by mail.")
    click.echo(
        f"No row hangs on {key_id}. Take the entry {key_id}:… out of WAREHOUSE_MFA_SECRET_KEYS, "
        "and restart every `serve` and `worker`."
    )
