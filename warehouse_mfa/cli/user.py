"""`user`: accounts, for operators. The rules are those of the pages."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict

import click
from pyramid.request import Request

from warehouse_mfa.accounts.interfaces import (
    Account,
    AccountRefusal,
    IAccountStateService,
    IRegistrationService,
    IUserService,
    NewAccount,
)
from warehouse_mfa.cli.context import scope
from warehouse_mfa.cli.speech import CommandFailed, group, option, say, spoken
from warehouse_mfa.i18n import _
from warehouse_mfa.login.interfaces import ILostService

SHOWN = {
    "user_id": _("Id"),
    "username": _("Username"),
    "name": _("Name"),
    "address": _("Email address"),
    "is_verified": _("Verified"),
    "is_superuser": _("Operator of this site"),
    "joined_at": _("Joined"),
    "frozen_at": _("Frozen"),
}
WORDS = {True: _("yes"), False: _("no"), None: _("no")}


@group(help=_("Accounts."))
def user() -> None:
    pass


@user.command(help=_("Make an account. Without a password nobody can log in to it with one."))
@option("--username", required=True, help=_("The name to log in with."))
@option("--email", required=True, help=_("The address that mails go to."))
@option("--name", default="", help=_("Full name."))
@option("--verified", is_flag=True, help=_("The address is known to be theirs."))
@option("--superuser", is_flag=True, help=_("An operator of this site."))
@option("--password-stdin", is_flag=True, help=_("Read the password from standard input."))
def create(
    username: str, email: str, name: str, verified: bool, superuser: bool, password_stdin: bool
) -> None:
    password = _password() if password_stdin else ""
    with scope() as request:
        try:
            request.find_service(IRegistrationService).create_account(
                NewAccount(username=username, email=email, name=name, password=password),
                is_verified=verified,
                is_superuser=superuser,
            )
        except AccountRefusal as refusal:
            raise CommandFailed(refusal.message) from refusal
    say(_("Made the account ${username}.", mapping={"username": username}))


def _password() -> str:
    try:
        password = sys.stdin.readline().rstrip("\r\n")
    except UnicodeDecodeError as error:
        raise CommandFailed(_("The password on standard input is not text in UTF-8.")) from error
    if not password:
        raise CommandFailed(_("There is no password on standard input."))
    return password


@user.command(help=_("Show an account."))
@click.argument("username")
@option("--json", "as_json", is_flag=True, help=_("Print JSON."))
def show(username: str, as_json: bool) -> None:
    with scope() as request:
        account = _account(request, username)
    facts = _facts(account)
    if as_json:
        click.echo(json.dumps(facts, indent=2))
        return
    for field, value in facts.items():
        shown = WORDS.get(value, value) if isinstance(value, bool | None) else value
        say(_("${what}: ${value}", mapping={"what": SHOWN[field], "value": shown}))


@user.command("list", help=_("List all accounts, oldest first."))
@option("--json", "as_json", is_flag=True, help=_("Print JSON."))
def list_(as_json: bool) -> None:
    with scope() as request:
        accounts = request.find_service(IUserService).accounts()
    if as_json:
        click.echo(json.dumps([_facts(account) for account in accounts], indent=2))
        return
    for account in accounts:
        click.echo(f"{account.username}\t{account.address or '-'}\t{spoken(_state(account))}")


def _state(account: Account) -> str:
    if account.frozen_at:
        return _("verified, frozen") if account.is_verified else _("not verified, frozen")
    return _("verified") if account.is_verified else _("not verified")


@user.command(
    help=_("Let nobody log in to an account; end its sessions and all that is under way.")
)
@click.argument("username")
def freeze(username: str) -> None:
    with _state_of(username) as (account, state):
        state.freeze(account.user_id)
    say(
        _(
            "Froze ${username}: its sessions, pending logins and mailed links ended.",
            mapping={"username": account.username},
        )
    )


@user.command(help=_("Let the people of a frozen account log in again."))
@click.argument("username")
def unfreeze(username: str) -> None:
    with _state_of(username) as (account, state):
        state.unfreeze(account.user_id)
    say(
        _(
            "Unfroze ${username}: its people can log in again.",
            mapping={"username": account.username},
        )
    )


@user.command(
    "end-sessions",
    help=_("End every session of an account, and every login and mailed link under way."),
)
@click.argument("username")
def end_sessions(username: str) -> None:
    with _state_of(username) as (account, state):
        state.end_sessions(account.user_id)
    say(
        _(
            "Ended every session, pending login and mailed link of ${username}.",
            mapping={"username": account.username},
        )
    )


@user.command(
    "requests",
    help=_("List the requests for help by who has lost everything, oldest first. Acts on none."),
)
@option("--json", "as_json", is_flag=True, help=_("Print JSON."))
def requests(as_json: bool) -> None:
    with scope() as request:
        asked = request.find_service(ILostService).requests()
    if as_json:
        click.echo(json.dumps([asdict(one) for one in asked], indent=2, default=str))
        return
    for one in asked:
        proved = _("password") if one.is_password_right else _("no password")
        address = _("address of the account") if one.is_own_address else _("another address")
        until = one.waits_until.isoformat(" ", "minutes")
        click.echo(f"{one.username}\t{one.address}\t{spoken(proved)}\t{spoken(address)}\t{until}")


@contextmanager
def _state_of(username: str) -> Iterator[tuple[Account, IAccountStateService]]:
    """Yield an account and the service for its state; what that refuses ends the command."""
    with scope() as request:
        account = _account(request, username)
        try:
            yield account, request.find_service(IAccountStateService)
        except AccountRefusal as refusal:
            raise CommandFailed(refusal.message) from refusal


def _account(request: Request, username: str) -> Account:
    account: Account | None = request.find_service(IUserService).account_by_username(username)
    if account is None:
        raise CommandFailed(_("There is no account ${username}.", mapping={"username": username}))
    return account


def _facts(account: Account) -> dict[str, object]:
    values = asdict(account)
    values["user_id"] = str(account.user_id)
    values["joined_at"] = account.joined_at.isoformat()
    values["frozen_at"] = account.frozen_at.isoformat() if account.frozen_at else None
    return {field: values[field] for field in SHOWN}
