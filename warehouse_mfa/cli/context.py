"""What commands share: settings, keys of development, and failing in one line."""

import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import click
from pyramid.config import Configurator
from pyramid.request import Request
from sqlalchemy.exc import DBAPIError

from warehouse_mfa import settings as settings_module
from warehouse_mfa.cli.speech import CommandFailed, spoken
from warehouse_mfa.config import configure
from warehouse_mfa.crypto.keys import generate_key
from warehouse_mfa.entropy import SystemEntropy
from warehouse_mfa.i18n import _
from warehouse_mfa.settings import BadSettings, Environment, Settings
from warehouse_mfa.tasks import open_scope

KEYS_FILE = Path("var/keys")


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
        raise CommandFailed("\n".join(map(spoken, error.messages))) from error


def _is_development(environ: Mapping[str, str]) -> bool:
    name = f"{settings_module.PREFIX}ENVIRONMENT"
    return environ.get(name) == Environment.DEVELOPMENT


def takes_development_keys(environ: Mapping[str, str]) -> bool:
    """Tell whether the keys are those in `var/keys`: in development, when none are given."""
    prefix = settings_module.PREFIX
    is_given = any(f"{prefix}SECRET_KEYS{end}" in environ for end in ("", "_FILE"))
    return _is_development(environ) and not is_given


def _with_development_keys(environ: Mapping[str, str]) -> dict[str, str]:
    """In development, use the keys in `var/keys`; write them there the first time."""
    if not takes_development_keys(environ):
        return dict(environ)
    return {**environ, f"{settings_module.PREFIX}SECRET_KEYS": _development_keys()}


def _development_keys() -> str:
    KEYS_FILE.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not KEYS_FILE.exists():
        _write_keys()
    # Keys that others can read would be used as if they were secret.
    KEYS_FILE.chmod(stat.S_IRUSR | stat.S_IWUSR)
    return KEYS_FILE.read_text(encoding="ascii").strip()


def _write_keys() -> None:
    """Write the file whole or not at all; of several processes that start, the first one does."""
    unfinished = KEYS_FILE.with_name(f"{KEYS_FILE.name}.{os.getpid()}")
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(descriptor, "w", encoding="ascii") as file:
        file.write(f"{generate_key(SystemEntropy(), 'development')}\n")
    with suppress(FileExistsError):
        os.link(unfinished, KEYS_FILE)
    unfinished.unlink()


def configured(settings: Settings) -> Configurator:
    """Return the application's configurator; its database is let go when the command ends."""
    try:
        config = configure(settings)
    except OSError as error:
        # SQLite's folder is made at once, if it can be.
        raise CommandFailed(
            _("The database cannot be used: ${reason}.", mapping={"reason": error})
        ) from error
    click.get_current_context().call_on_close(config.registry["engine"].dispose)
    return config


def sentence_of(error: DBAPIError) -> str:
    """Return what a database said, in one line, with a full stop."""
    return f"{' '.join(str(error.orig).split())}."


def unusable(error: DBAPIError) -> CommandFailed:
    """Return the end of a command whose database cannot be used."""
    return CommandFailed(
        _("The database cannot be used: ${reason}", mapping={"reason": sentence_of(error)})
    )


@contextmanager
def scope(settings: Settings | None = None) -> Iterator[Request]:
    """Yield a request to find services through, in a transaction that commits at the end."""
    config = configured(settings or load_settings())
    try:
        with open_scope(config.registry) as request:
            yield request
    except DBAPIError as error:
        raise CommandFailed(
            _(
                "The database cannot be used: ${reason} `warehouse-mfa db check` tells more.",
                mapping={"reason": sentence_of(error)},
            )
        ) from error
