"""Our application, configured as in production; only the cost of a password hash is chosen."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pyramid.config import Configurator
from sqlalchemy import event

from dev.bench.subject import ORIGIN, Counts
from tests.common.authenticator import SoftwareAuthenticator
from tests.common.people import Person
from tests.common.site import Site
from warehouse_mfa.crypto import IPasswordHasher, PasswordHasher
from warehouse_mfa.crypto.passwords import HashParameters

PRODUCTION = {
    "environment": "production",
    "smtp_url": "smtp://localhost",
    "mail_from": "noreply@pypi.example",
    "security_contact": "mailto:security@pypi.example",
    "password_hash": "argon2id:m=19456,t=2,p=1",
    # The known and the unknown name are tried more often than anybody may.
    "limit_login_user": "100000 per 5 minutes",
    "limit_login_address": "100000 per 5 minutes",
}
MANY_KEYS = 20
NO_STATEMENTS = ("PRAGMA", "BEGIN", "SAVEPOINT", "RELEASE", "ROLLBACK")


class Ours(Site):
    """The application over a migrated database."""

    def __init__(self, database_url: str, cost: tuple[int, int, int]) -> None:
        self._cost = cost
        super().__init__(database_url, ORIGIN, **PRODUCTION)

    def _extend(self, config: Configurator) -> None:
        super()._extend(config)
        # In production the settings refuse a cheap hash.
        hasher = PasswordHasher(HashParameters(*self._cost), self.clock)
        config.register_service(hasher, IPasswordHasher)

    def person_with_many_keys(self, username: str) -> Person:
        """Return somebody with as many keys as an account can have, all of them used before."""
        person = self.person(username)
        visitor = self.visitor()
        visitor.give_password(person)
        for number in range(MANY_KEYS):
            person.key = SoftwareAuthenticator()
            visitor.register_key(person, label=f"Key {number + 1}")
        self.change("UPDATE webauthn_credentials SET last_used_at = created_at")
        return person

    @contextmanager
    def counted(self) -> Iterator[Counts]:
        """Count what the application asks of its database."""
        counts = Counts()
        engine = self.registry["engine"]

        def executed(connection: Any, cursor: Any, statement: str, *others: Any) -> None:
            counts.statements += not statement.startswith(NO_STATEMENTS)
            counts.transactions += statement.startswith("BEGIN")

        event.listen(engine, "before_cursor_execute", executed)
        try:
            yield counts
        finally:
            event.remove(engine, "before_cursor_execute", executed)
