"""A site to harm: a database of its own, a folder, settings without narrow limits."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Engine, text

from dev.services import PostgreSQL
from tests.common.commands import Operator, Running
from tests.common.site import fields
from warehouse_mfa.crypto.keys import KeyRing, parse_keys
from warehouse_mfa.db import create_engine, migrations
from warehouse_mfa.settings import Settings

PLENTY = "100000 per hour"
SQLITE, POSTGRESQL = "sqlite", "postgresql"
KINDS = (SQLITE, POSTGRESQL)
LINK = "/account/verify-email/?token="


@dataclass
class Place:
    """One site, whose process may come and go."""

    kind: str
    operator: Operator
    engine: Engine
    server: PostgreSQL | None
    port: int = 0
    serving: list[Running] = field(default_factory=list)

    @property
    def settings(self) -> dict[str, str]:
        return self.operator.settings

    @property
    def keys(self) -> KeyRing:
        """The keys of the site, which hang on its origin."""
        return KeyRing(parse_keys(self.settings["secret_keys"]), deployment=self.settings["origin"])

    def serve(self) -> Running:
        """Serve, on the same port every time."""
        running = self.operator.serve(port=self.port)
        self.port = running.port
        self.settings.setdefault("origin", f"http://localhost:{self.port}")
        self.serving.append(running)
        return running

    def mailed_link(self, address: str) -> str:
        """Return the path of the verification link that is in the outbox for an address."""
        with self.engine.connect() as connection:
            body = connection.scalar(
                text("SELECT text FROM mails WHERE recipient = :to"), {"to": address}
            )
        _, _, token = str(body).partition(LINK)
        assert token, f"no link for {address}"
        return LINK + token.split()[0]

    def end(self) -> None:
        for running in self.serving:
            running.kill()


def limits() -> dict[str, str]:
    """Return settings that let everybody in."""
    fields = Settings.model_fields.items()
    windows = [name for name, field in fields if field.annotation is not int]
    return {name: PLENTY for name in windows if name.startswith("limit_")}


@contextmanager
def opened(kind: str, *, migrated: bool = True, **settings_: str) -> Iterator[Place]:
    """Yield a site that does not serve yet. Its PostgreSQL loses nothing that it acknowledged."""
    with TemporaryDirectory(prefix="faults-") as name:
        folder = Path(name)
        server = PostgreSQL(durable=True).start() if kind == POSTGRESQL else None
        url = server.create_database("site") if server else f"sqlite:///{folder}/site.sqlite3"
        operator = Operator(folder, **fields(url, **{**limits(), **settings_}))
        place = Place(kind, operator, create_engine(url), server)
        if migrated:
            migrations.upgrade(place.engine)
        try:
            yield place
        finally:
            place.end()
            place.engine.dispose()
            if server:
                server.stop()
