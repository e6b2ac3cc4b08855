"""Failures in a row, however far apart: a counter in SQL that no time ends."""

from sqlalchemy import text
from zope.interface import implementer

from warehouse_mfa import crypto
from warehouse_mfa.db import Session
from warehouse_mfa.rate_limiting.interfaces import IStreakLimiter, StreakTooLong

NEVER = 2**62
RESERVE = text(
    f"""
    INSERT INTO attempt_counters (key, span, allowed, count, refused, ends, held_until)
    VALUES (:key, 0, :allowed, 1, 0, {NEVER}, 0)
    ON CONFLICT (key, span) DO UPDATE SET
        allowed = excluded.allowed, count = attempt_counters.count + 1, refused = 0
    WHERE attempt_counters.count < excluded.allowed
    RETURNING count
    """  # noqa: S608 - a constant
)
REFUSE = text(
    "UPDATE attempt_counters SET refused = refused + 1 WHERE key = :key RETURNING refused"
)
GIVE_BACK = text("UPDATE attempt_counters SET count = count - 1 WHERE key = :key AND count > 0")
FORGET = text("DELETE FROM attempt_counters WHERE key = :key")


@implementer(IStreakLimiter)
class StreakLimiter:
    def __init__(self, name: str, allowed: int, session: Session) -> None:
        self.name = name
        self._allowed = allowed
        self._session = session

    def reserve(self, subject: str) -> None:
        values = {"key": self._key(subject), "allowed": self._allowed}
        if self._session.execute(RESERVE, values).first() is None:
            refused = self._session.scalar(REFUSE, {"key": self._key(subject)})
            raise StreakTooLong(self.name, is_first=refused == 1)

    def give_back(self, subject: str) -> None:
        self._session.defer(GIVE_BACK, {"key": self._key(subject)})

    def forget(self, subject: str) -> None:
        self._session.defer(FORGET, {"key": self._key(subject)})

    def _key(self, subject: str) -> bytes:
        # Without a key of the ring: changing keys must not let anybody begin again. The subject
        # is the id of an account, which is no secret here.
        return crypto.digest(f"{self.name}\0{subject}".encode())
