"""What a credential that answers proves, and that it was used."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import bindparam, select, update

from warehouse_mfa.accounts.models import User
from warehouse_mfa.clock import IClock
from warehouse_mfa.db import Session, hits_one, table_of
from warehouse_mfa.events.interfaces import IEventService
from warehouse_mfa.factors.interfaces import Proof
from warehouse_mfa.webauthn.ceremony import Assertion, CounterDidNotRise, StoredCredential
from warehouse_mfa.webauthn.interfaces import AssertionRejected, PossibleClone, PossibleCloneSeen
from warehouse_mfa.webauthn.models import WebAuthnCredential

CREDENTIALS, USERS = table_of(WebAuthnCredential), table_of(User)
ANSWERING = (
    select(
        CREDENTIALS.c.id,
        CREDENTIALS.c.user_id,
        CREDENTIALS.c.label,
        CREDENTIALS.c.credential_id,
        CREDENTIALS.c.public_key,
        CREDENTIALS.c.sign_count,
        CREDENTIALS.c.is_backup_eligible,
        CREDENTIALS.c.is_passkey,
        CREDENTIALS.c.suspended_at,
        USERS.c.user_handle,
    )
    .join(USERS, USERS.c.id == CREDENTIALS.c.user_id)
    .where(CREDENTIALS.c.credential_id == bindparam("credential_id"))
)
"""The credential record, L3 §4, of a credential that says it answers."""
USE = (
    update(CREDENTIALS)
    .where(
        CREDENTIALS.c.id == bindparam("the_id"),
        CREDENTIALS.c.suspended_at.is_(None),
        # A key without a counter always says 0. Of two assertions at once, one raises it.
        (CREDENTIALS.c.sign_count < bindparam("count"))
        | ((CREDENTIALS.c.sign_count == 0) & (bindparam("count") == 0)),
    )
    .values(
        sign_count=bindparam("count"),
        is_backed_up=bindparam("backed_up"),
        last_used_at=bindparam("now"),
    )
)
SUSPEND = (
    update(CREDENTIALS)
    .where(CREDENTIALS.c.id == bindparam("the_id"), CREDENTIALS.c.suspended_at.is_(None))
    .values(suspended_at=bindparam("now"))
)


class Assertions:
    def __init__(self, session: Session, clock: IClock, events: IEventService) -> None:
        self._session = session
        self._clock = clock
        self._events = events

    def prove(self, record: Any, verify: Callable[[StoredCredential], Assertion]) -> Proof:
        """Verify what a credential answered, and note its use; `record` is a row of `ANSWERING`.

        A credential whose counter went back is suspended.

        :raises CeremonyRefused: what `verify` raises. :raises FactorRejected: if it proves nothing.
        """
        stored = StoredCredential(
            record.credential_id,
            record.public_key,
            record.sign_count,
            record.is_backup_eligible,
            record.user_handle,
        )
        try:
            assertion = verify(stored)
        except CounterDidNotRise as error:
            self._suspend(record, str(error))
            raise PossibleClone from error
        use = {
            "the_id": record.id,
            "count": assertion.sign_count,
            "backed_up": assertion.is_backed_up,
            "now": self._clock.now(),
        }
        if not hits_one(self._session, USE, use):
            raise AssertionRejected("it was used or removed meanwhile")
        return Proof(record.id, record.label, assertion.is_user_verified)

    def _suspend(self, record: Any, counts: str) -> None:
        if hits_one(self._session, SUSPEND, {"the_id": record.id, "now": self._clock.now()}):
            self._events.record(
                record.user_id, PossibleCloneSeen(record.label, record.sign_count, counts)
            )
