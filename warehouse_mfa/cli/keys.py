"""`keys`: the key ring."""

import json
from dataclasses import asdict

import click

from warehouse_mfa.cli.context import scope
from warehouse_mfa.cli.speech import CommandFailed, group, option, say, spoken
from warehouse_mfa.clock import SystemClock
from warehouse_mfa.crypto.keys import generate_key
from warehouse_mfa.entropy import SystemEntropy
from warehouse_mfa.i18n import _
from warehouse_mfa.keys.interfaces import IKeyService, KeyInUse, KeyRefusal, KeyUsage, Rotation


@group(help=_("The key ring that secrets in the database hang on."))
def keys() -> None:
    pass


@keys.command(
    help=_(
        "Print a new key for WAREHOUSE_MFA_SECRET_KEYS. Put it first; keep the older ones after it."
    )
)
def generate() -> None:
    click.echo(generate_key(SystemEntropy(), f"k{SystemClock().now():%Y%m%d%H%M%S}"))


@keys.command(
    "list",
    help=_("List every key, which one is current, and how many rows of which table hang on it."),
)
@option("--json", "as_json", is_flag=True, help=_("Print JSON."))
def list_(as_json: bool) -> None:
    with scope() as request:
        found: list[KeyUsage] = request.find_service(IKeyService).usage()
    if as_json:
        click.echo(json.dumps([asdict(usage) for usage in found], indent=2))
        return
    for usage in found:
        rows = ", ".join(f"{table}: {number}" for table, number in usage.rows.items())
        hanging = rows or spoken(_("no rows"))
        click.echo(f"{usage.key_id}\t{spoken(_state(usage))}\t{hanging}")


def _state(usage: KeyUsage) -> str:
    if usage.is_current:
        return _("current")
    return _("older") if usage.is_in_ring else _("not in the ring")


@keys.command(
    help=_(
        "Encrypt again, under the current key, every row that can be.\n\n"
        "Restart every `serve` and `worker` with the new key before: those without it cannot open "
        "what this command writes. It may be stopped and started again, and they may serve "
        "meanwhile. Counters of attempts begin at nothing with the new key, and end with their "
        "windows under the old one."
    )
)
def rotate() -> None:
    with scope() as request:
        rotations: list[Rotation] = request.find_service(IKeyService).rotate()
    for rotation in rotations:
        if rotation.resealed is not None:
            say(
                _(
                    "${table}: ${number} encrypted under the current key.",
                    mapping={"table": rotation.table, "number": rotation.resealed},
                )
            )
        others = rotation.left - rotation.unreadable
        if others > 0:
            say(
                _(
                    "${table}: ${number} on another key still. Digests stay so "
                    "until they are used up; for anything else, run this again.",
                    mapping={"table": rotation.table, "number": others},
                )
            )
    unreadable = sum(rotation.unreadable for rotation in rotations)
    if unreadable:
        raise CommandFailed(
            _(
                "Rows that do not open with the key that they name, and are as they were: "
                "${number}. `warehouse-mfa keys list` shows whether it is in the ring.",
                mapping={"number": unreadable},
            )
        )


@keys.command(
    help=_(
        "Say how to take the key KEY_ID out of the ring, once no row hangs on it.\n\n"
        "With --revoke its rows are made worthless first: the apps, and the codes, of the people "
        "whom they belong to prove nothing any more, and each of them is told by mail. What has no "
        "row, such as a page with a form that is open somewhere, ends with the key, and people "
        "press again."
    )
)
@click.argument("key_id")
@option("--revoke", is_flag=True, help=_("Revoke the rows that hang on it."))
def drop(key_id: str, revoke: bool) -> None:
    with scope() as request:
        service: IKeyService = request.find_service(IKeyService)
        try:
            revoked = service.revoke(key_id) if revoke else {}
            service.release(key_id)
        except KeyInUse as refusal:
            raise CommandFailed(
                _(
                    "${refusal} `warehouse-mfa keys rotate` moves what can be moved; "
                    "--revoke makes the rest worthless.",
                    mapping={"refusal": refusal.message},
                )
            ) from refusal
        except KeyRefusal as refusal:
            raise CommandFailed(refusal.message) from refusal
    for table, number in revoked.items():
        say(
            _(
                "${table}: ${number} revoked, told by mail.",
                mapping={"table": table, "number": number},
            )
        )
    say(
        _(
            "No row hangs on ${key}. Take the entry ${key}:… out of WAREHOUSE_MFA_SECRET_KEYS, "
            "and restart every `serve` and `worker`.",
            mapping={"key": key_id},
        )
    )
