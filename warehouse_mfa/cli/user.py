"""`user`: accounts, for operators. The rules are those of the pages."""

import json
import sys
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
from warehouse_mfa.cli.context import CommandFailed, scope
from warehouse_mfa.i18n import localizer_for
from warehouse_mfa.i18n.rendering import translate

SHOWN = (
    "user_id",
    "username",
    "name",
    "address",
    "is_verified",
    "is_superuser",
    "joined_at",
    "frozen_at",
)


@click.group()
def user() -> None:
    """Accounts."""


@user.command()
@click.option("--username", required=True)
@click.option("--email", required=True)
@click.option("--name", default="", help="Full name.")
@click.option("--verified", is_flag=True, help="The address is known to be theirs.")
@click.option("--superuser", is_flag=True, help="An operator of this site.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
def create(
    username: str, email: str, name: str, verified: bool, superuser: bool, password_stdin: bool
) -> None:
    """Make an account. Without a password nobody can log in to it with one."""
    password = _password() if password_stdin else ""
    with scope() as request:
        try:
            request.find_service(IRegistrationService).create_account(
                NewAccount(username=username, email=email, name=name, password=password),
                is_verified=verified,
                is_superuser=superuser,
            )
        except AccountRefusal as refusal:
            raise _failure(request, refusal) from refusal
    click.echo(f"Made the account {username}.")


def _password() -> str:
    try:
        password = sys.stdin.readline().rstrip("\r\n")
    except UnicodeDecodeError as error:
        raise CommandFailed("The password on standard input is not text in UTF-8.") from error
    if not password:
        raise CommandFailed("There is no password on standard input.")
    return password


@user.command()
@click.argument("username")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def show(username: str, as_json: bool) -> None:
    """Show an account."""
    with scope() as request:
        account = _account(request, username)
    facts = _facts(account)
    if as_json:
        click.echo(json.dumps(facts, indent=2))
        return
    for field, value in facts.items():
        click.echo(f"{field}: {value}")


@user.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_(as_json: bool) -> None:
    """List all accounts, oldest first."""
    with scope() as request:
        accounts = request.find_service(IUserService).accounts()
    if as_json:
        click.echo(json.dumps([_facts(account) for account in accounts], indent=2))
        return
    for account in accounts:
        state = "verified" if account.is_verified else "not verified"
        frozen = ", frozen" if account.frozen_at else ""
        click.echo(f"{account.username}\t{account.address or '-'}\t{state}{frozen}")


@user.command()
@click.argument("username")
def freeze(username: str) -> None:
    """Let nobody log in to an account; end its sessions and all that is under way."""
    with scope() as request:
        account = _account(request, username)
        try:
            request.find_service(IAccountStateService).freeze(account.user_id)
        except AccountRefusal as refusal:
            raise _failure(request, refusal) from refusal
    click.echo(f"Froze {account.username}: its sessions, pending logins and mailed links ended.")


@user.command()
@click.argument("username")
def unfreeze(username: str) -> None:
    """Let the people of a frozen account log in again."""
    with scope() as request:
        account = _account(request, username)
        try:
            request.find_service(IAccountStateService).unfreeze(account.user_id)
        except AccountRefusal as refusal:
            raise _failure(request, refusal) from refusal
    click.echo(f"Unfroze {account.username}: its people can log in again.")


@user.command("end-sessions")
@click.argument("username")
def end_sessions(username: str) -> None:
    """End every session of an account, and every login and mailed link under way."""
    with scope() as request:
        account = _account(request, username)
        request.find_service(IAccountStateService).end_sessions(account.user_id)
    click.echo(f"Ended every session, pending login and mailed link of {account.username}.")


def _account(request: Request, username: str) -> Account:
    account: Account | None = request.find_service(IUserService).account_by_username(username)
    if account is None:
        raise CommandFailed(f"There is no account {username}.")
    return account


def _failure(request: Request, refusal: AccountRefusal) -> CommandFailed:
    return CommandFailed(translate(refusal.message, localizer_for(request.registry, "en")))


def _facts(account: Account) -> dict[str, object]:
    values = asdict(account)
    values["user_id"] = str(account.user_id)
    values["joined_at"] = account.joined_at.isoformat()
    values["frozen_at"] = account.frozen_at.isoformat() if account.frozen_at else None
    return {field: values[field] for field in SHOWN}
