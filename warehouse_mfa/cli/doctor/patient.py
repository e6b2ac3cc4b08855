"""What is examined: settings, folders, and the application that they make."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path

from pyramid.config import Configurator
from pyramid.request import Request
from sqlalchemy import Engine, make_url

from warehouse_mfa import settings as settings_module
from warehouse_mfa.cli.context import KEYS_FILE, takes_development_keys
from warehouse_mfa.config import configure
from warehouse_mfa.crypto.keys import generate_key
from warehouse_mfa.entropy import SystemEntropy
from warehouse_mfa.paths import PACKAGE, data_dir
from warehouse_mfa.settings import PREFIX, Settings
from warehouse_mfa.tasks import open_scope

FOLDERS = {
    **{name: data_dir(name) for name in ("templates", "static", "migrations")},
    "locale": PACKAGE / "locale",
}
LEAST_FREE_BYTES = 256 * 1024 * 1024


class Patient:
    """An installation. What cannot be made, such as settings that are refused, raises when asked."""

    def __init__(
        self,
        environ: Mapping[str, str],
        *,
        extend: Callable[[Configurator], None] | None = None,
        folders: Mapping[str, Path] = FOLDERS,
        least_free_bytes: int = LEAST_FREE_BYTES,
    ) -> None:
        """`extend` is that of `configure`."""
        self.environ = environ
        self.folders = folders
        self.least_free_bytes = least_free_bytes
        self._extend = extend

    @cached_property
    def settings(self) -> Settings:
        """The settings. :raises BadSettings: when they are refused."""
        return settings_module.load(self.environ)

    @cached_property
    def config(self) -> Configurator:
        return configure(self.settings, self._extend)

    def close(self) -> None:
        """Let the database go."""
        if "config" in self.__dict__:
            self.engine.dispose()

    @property
    def engine(self) -> Engine:
        engine: Engine = self.config.registry["engine"]
        return engine

    @property
    def sqlite_file(self) -> Path | None:
        """The file of the database, `None` if it is on a server."""
        url = make_url(self.settings.database_url.get_secret_value())
        if url.get_backend_name() != "sqlite":
            return None
        return Path(str(url.database))

    @contextmanager
    def scope(self) -> Iterator[Request]:
        """Yield a request to find services through."""
        with open_scope(self.config.registry) as request:
            yield request


def without_writing_keys(environ: Mapping[str, str]) -> dict[str, str]:
    """Return `environ` with the keys of development, which stay as they are: looking changes nothing."""
    if not takes_development_keys(environ):
        return dict(environ)
    if KEYS_FILE.exists():
        keys = KEYS_FILE.read_text(encoding="ascii").strip()
    else:
        keys = generate_key(SystemEntropy(), "development")
    return {**environ, f"{PREFIX}SECRET_KEYS": keys}
