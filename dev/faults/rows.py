"""What the database holds of people, read at once."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from sqlalchemy import Connection, Engine, Table, select

from warehouse_mfa.accounts.models import Email, User
from warehouse_mfa.crypto.keys import KeyRing
from warehouse_mfa.db import table_of
from warehouse_mfa.events.models import EventRow
from warehouse_mfa.login.models import PendingLoginRow
from warehouse_mfa.mail.models import Mail
from warehouse_mfa.recovery import algorithm
from warehouse_mfa.recovery.models import RecoveryCode
from warehouse_mfa.sessions.models import Session
from warehouse_mfa.totp.models import TOTPApplication

RECOVERY_PURPOSE = "recovery code"


@dataclass
class Rows:
    """What the database holds of one person."""

    keys: KeyRing
    user: Any = None
    emails: list[Any] = field(default_factory=list)
    apps: dict[str, int] = field(default_factory=dict)
    """The last step by label."""
    codes: dict[bytes, bool] = field(default_factory=dict)
    """Whether it was redeemed, by digest."""
    sessions: set[bytes] = field(default_factory=set)
    pending: dict[bytes, bool] = field(default_factory=dict)
    """Whether it was completed, by digest."""
    events: Counter[str] = field(default_factory=Counter)
    mails: int = 0

    def has_account(self) -> bool:
        return self.user is not None

    def has_address(self) -> bool:
        return bool(self.emails)

    def has_mail(self) -> bool:
        return self.mails > 0

    def is_verified(self) -> bool:
        return self.user is not None and self.user.verified_at is not None

    def has_verified_address(self) -> bool:
        return any(email.verified_at is not None for email in self.emails)

    def has_password(self, password: str) -> bool:
        try:
            return self.user is not None and PasswordHasher().verify(
                self.user.password_hash, password
            )
        except VerifyMismatchError:
            return False

    def is_redeemed(self, code: str) -> bool:
        parsed = algorithm.parse_code(code)
        assert parsed is not None, "people type what they were shown"
        if self.user is None:
            return False
        found = self.keys.macs(RECOVERY_PURPOSE, self.user.id.bytes + parsed)
        return any(self.codes.get(digest, False) for digest in found)

    def is_used(self, pending: bytes) -> bool:
        return self.pending.get(pending, True)

    def contradictions(self) -> list[str]:
        """Return where what is there disagrees with what the events tell of it."""
        events = self.events
        compared = {
            "account": (events["account:registered"], int(self.has_account())),
            "address": (events["account:registered"], len(self.emails)),
            "verified account": (events["account:email:verified"], int(self.is_verified())),
            "verified address": (
                events["account:email:verified"],
                int(self.has_verified_address()),
            ),
            "apps": (
                events["account:totp:enrolled"] - events["account:factor:removed"],
                len(self.apps),
            ),
            "recovery codes": (8 * events["account:recovery-codes:generated"], len(self.codes)),
            "recovery codes used": (
                events["account:recovery-codes:proved"] + events["account:recovery-code:redeemed"],
                sum(self.codes.values()),
            ),
            "pending logins used": (events["account:login:completed"], sum(self.pending.values())),
        }
        return [
            f"{what}: {told} by the events, {found} in the tables"
            for what, (told, found) in compared.items()
            if told != found
        ]


def read(engine: Engine, usernames: Iterable[str], keys: KeyRing) -> dict[str, Rows]:
    """Return what there is of each of these people, in one transaction."""
    wanted = {username: Rows(keys) for username in usernames}
    with engine.connect() as connection:
        by_id: dict[UUID, Rows] = {}
        for user in _rows(connection, table_of(User)):
            if user.username in wanted:
                by_id[user.id] = wanted[user.username]
                by_id[user.id].user = user
        for table in (Email, TOTPApplication, RecoveryCode, Session, PendingLoginRow):
            for row in _rows(connection, table_of(table)):
                if row.user_id in by_id:
                    _keep(by_id[row.user_id], table, row)
        for event in connection.execute(select(EventRow.subject_id, EventRow.tag)):
            if event.subject_id in by_id:
                by_id[event.subject_id].events[event.tag] += 1
        for recipient in connection.scalars(select(Mail.recipient)):
            rows = wanted.get(recipient.partition("@")[0])
            if rows is not None:
                rows.mails += 1
    return wanted


def _rows(connection: Connection, table: Table) -> Sequence[Any]:
    return connection.execute(select(table)).all()


def _keep(rows: Rows, table: type, row: Any) -> None:
    if table is Email:
        rows.emails.append(row)
    elif table is TOTPApplication:
        rows.apps[row.label] = row.last_step
    elif table is RecoveryCode:
        rows.codes[row.digest] = row.redeemed_at is not None
    elif table is Session:
        rows.sessions.add(row.digest)
    else:
        rows.pending[row.digest] = row.completed_at is not None
