"""The application as tests use it: through the front door, with a clock that they move."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from pyramid.config import Configurator
from pyramid.request import Request
from sqlalchemy import text

from tests.common.clock import FrozenClock
from tests.common.commands import variables
from tests.common.databases import empty
from tests.common.people import Person
from tests.common.secrecy import SECRECY
from tests.common.visitor import Visitor
from warehouse_mfa import settings
from warehouse_mfa.accounts.interfaces import IRegistrationService, NewAccount
from warehouse_mfa.clock import IClock
from warehouse_mfa.config import configure, make_router
from warehouse_mfa.db import Base, create_engine
from warehouse_mfa.http.front import Front
from warehouse_mfa.tasks import open_scope
from warehouse_mfa.tasks import run as run_task

HTTP = "http://localhost:8000"
HTTPS = "https://pypi.example"
KEYS = "test:" + "a2V5IG9mIHRoZSB0ZXN0cywgMzIgYnl0ZXMgbG9uZyE="
NEWER_KEYS = "newer:" + "bmV3ZXIga2V5IG9mIHRoZSB0ZXN0cywgMzIgYnl0ZXM="
CHEAP_HASH = "argon2id:m=8,t=1,p=1"


def fields(database_url: str, **settings_: str) -> dict[str, str]:
    """Return the settings of a test application by field name."""
    return {
        "environment": "development",
        "database_url": database_url,
        "secret_keys": KEYS,
        "password_hash": CHEAP_HASH,
        **settings_,
    }


def environment(database_url: str, origin: str, **settings_: str) -> dict[str, str]:
    """Return the same as environment variables."""
    return variables(**fields(database_url, origin=origin, **settings_))


def origin_for(database_url: str) -> str:
    """Return http for SQLite, as on a laptop, and https for PostgreSQL: every test runs twice."""
    return HTTP if database_url.startswith("sqlite") else HTTPS


@dataclass(frozen=True)
class Mail:
    """A mail in the outbox."""

    to: str
    subject: str
    text: str
    html: str

    @property
    def link(self) -> str:
        """The first address in the text, as a path of ours."""
        found = re.search(r"https?://\S+", self.text)
        assert found is not None, f"no link in {self.text}"
        parts = urlsplit(found[0])
        return f"{parts.path}?{parts.query}" if parts.query else parts.path


class Site:
    """One configured application over one database."""

    def __init__(self, database_url: str, origin: str = HTTP, **settings_: str) -> None:
        self.clock = FrozenClock()
        self.settings = settings.load(environment(database_url, origin, **settings_))
        self.origin = origin
        self.config = configure(self.settings, self._extend)
        self.registry = self.config.registry
        self.application = Front(make_router(self.config), self.settings)
        for key in self.settings.secret_keys.get_secret_value().split(","):
            SECRECY.use_always(key.rpartition(":")[2].strip(), "key of the ring")
        password = urlsplit(self.settings.smtp_url.get_secret_value()).password
        if password:
            SECRECY.use_always(password, "SMTP password")
        # Not the engine of the application, whose statements tests may count.
        self._engine = create_engine(database_url)

    def _extend(self, config: Configurator) -> None:
        config.register_service(self.clock, IClock)

    def reset(self) -> None:
        """Empty everything, so that the next test finds nothing of the last one.

        :raises SecretShown: when something secret of that one stands where it must not.
        """
        tables = self._tables()
        empty(self._engine)
        self.registry["limits_storage"].reset()
        self.clock.reset()
        SECRECY.check(tables)

    def _tables(self) -> dict[str, list[Any]]:
        """Return every row of every table."""
        with self._engine.begin() as connection:
            return {
                table.name: list(connection.execute(text(f'SELECT * FROM "{table.name}"')))
                for table in Base.metadata.sorted_tables
            }

    def close(self) -> None:
        self._engine.dispose()
        self.registry["engine"].dispose()

    # Who visits

    def visitor(self, address: str = "192.0.2.1", agent: str = "Tests/1.0") -> Visitor:
        """Return somebody with an empty cookie jar, at a network address."""
        return Visitor(self.application, self.origin, self.clock, address=address, agent=agent)

    def person(
        self,
        username: str = "alice",
        *,
        totp: bool = False,
        key: bool = False,
        passkey: bool = False,
        verified: bool = True,
    ) -> Person:
        """Return somebody with an account, and the factors that are asked for, set up by hand."""
        person = Person(username, clock=self.clock)
        with self.scope() as request:
            person.user_id = request.find_service(IRegistrationService).create_account(
                NewAccount(person.username, person.address, person.name, person.password),
                is_verified=verified,
                is_superuser=False,
            )
        if totp or key or passkey:
            visitor = self.visitor(address="203.0.113.200")
            visitor.give_password(person)
            if totp:
                visitor.enroll_totp(person)
            if key:
                visitor.register_key(person)
            if passkey:
                visitor.register_passkey(person)
            # The code that enrolled is spent: wait for another one.
            self.clock.advance(seconds=90)
        return person

    # What stands behind it

    @contextmanager
    def scope(self) -> Iterator[Request]:
        """Yield a request to find services through; its transaction commits at the end."""
        with open_scope(self.registry) as request:
            yield request

    def run_task(self, name: str) -> None:
        run_task(self.registry, name)

    def rows(self, statement: str, **values: Any) -> list[Any]:
        """Return what the database says, in a transaction of its own."""
        with self._engine.begin() as connection:
            return list(connection.execute(text(statement), values))

    def value(self, statement: str, **values: Any) -> Any:
        """Return the one value of a query."""
        (row,) = self.rows(statement, **values)
        return row[0]

    def change(self, statement: str, **values: Any) -> None:
        """Change the database behind the application's back."""
        with self._engine.begin() as connection:
            connection.execute(text(statement), values)

    def mails(self, to: str | None = None) -> list[Mail]:
        """Return the mails in the outbox, oldest first."""
        rows = self.rows("SELECT recipient, subject, text, html FROM mails ORDER BY id")
        return [mail for mail in (Mail(*row) for row in rows) if to in (None, mail.to)]

    def tags(self) -> list[str]:
        """Return the tags of all events, oldest first."""
        return [row[0] for row in self.rows("SELECT tag FROM events ORDER BY id")]
