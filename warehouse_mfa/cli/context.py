"""What commands share: settings, keys of development, and failing in one line."""

import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import click
from pyramid.config import Configurator
from pyramid.request import Request
from sqlalchemy.exc import OperationalError

from warehouse_mfa import settings as settings_module
from warehouse_mfa.config import configure
from warehouse_mfa.crypto.keys import generate_key
from warehouse_mfa.entropy import SystemEntropy
from warehouse_mfa.settings import BadSettings, Environment, Settings
from warehouse_mfa.tasks import open_scope

KEYS_FILE = Path("var/keys")


class CommandFailed(click.ClickException):
    """A command could not do its work. The message is one line; the exit status is 1."""


def load_settings(*, port: int | None = None) -> Settings:
    """Read the settings of this process, or end the command with every problem they have.

    In development the origin follows the port, unless it is given.
    """
    environ = settings_module.from_process()
    if port is not None and _is_development(environ):
        environ.setdefault(f"{settings_module.PREFIX}ORIGIN", f"http://localhost:{port}")
    try:
        return settings_module.load(_with_development_keys(environ))
    except BadSettings as error:
        raise CommandFailed("\n".join(error.problems)) from error


def _is_development(environ: Mapping[str, str]) -> bool:
    name = f"{settings_module.PREFIX}ENVIRONMENT"
    return environ.get(name) == Environment.DEVELOPMENT


def _with_development_keys(environ: Mapping[str, str]) -> dict[str, str]:
    """In development, use the keys in `var/keys`; write them there the first time."""
    prefix = settings_module.PREFIX
    is_given = any(f"{prefix}SECRET_KEYS{end}" in environ for end in ("", "_FILE"))
    if not _is_development(environ) or is_given:
        return dict(environ)
    return {**environ, f"{prefix}SECRET_KEYS": _development_keys()}


def _development_keys() -> str:
    KEYS_FILE.parent.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(KEYS_FILE, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        # Keys that others can read would be used as if they were secret.
        KEYS_FILE.chmod(stat.S_IRUSR | stat.S_IWUSR)
        return KEYS_FILE.read_text(encoding="ascii").strip()
    keys = generate_key(SystemEntropy(), "development")
    with open(descriptor, "w", encoding="ascii") as file:
        file.write(f"{keys}\n")
    return keys


def configured(settings: Settings) -> Configurator:
    """Return the application's configurator."""
    return configure(settings)


@contextmanager
def scope(settings: Settings | None = None) -> Iterator[Request]:
    """Yield a request to find services through, in a transaction that commits at the end."""
    config = configured(settings or load_settings())
    try:
        with open_scope(config.registry) as request:
            yield request
    except OperationalError as error:
        raise CommandFailed(
            f"The database cannot be used: {error.orig}. `warehouse-mfa db check` tells more."
        ) from error
