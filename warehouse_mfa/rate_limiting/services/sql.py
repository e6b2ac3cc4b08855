"""Attempts that count against an account, in SQL."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache

from limits import RateLimitItem
from sqlalchemy import (
    TextClause,
    Update,
    and_,
    bindparam,
    case,
    literal_column,
    or_,
    select,
    text,
    tuple_,
    update,
)
from zope.interface import implementer

from warehouse_mfa.clock import IClock
from warehouse_mfa.crypto import IKeyRing
from warehouse_mfa.db import Session, table_of
from warehouse_mfa.rate_limiting.interfaces import IRateLimiter, Reservation, TooManyAttempts
from warehouse_mfa.rate_limiting.models import AttemptCounter
from warehouse_mfa.rate_limiting.services.subjects import keyed

COUNTERS = table_of(AttemptCounter)
LOCKED = COUNTERS.alias("locked")
REFUSE = text(
    """
    UPDATE attempt_counters SET refused = refused + 1
    WHERE key = :key AND count >= allowed AND ends > :now
    RETURNING refused, ends AS refused_until
    """
)


@dataclass(frozen=True, slots=True)
class Statements:
    """How a limiter counts an attempt, and what it answers to one too many."""

    reserve: TextClause
    refuse: TextClause


def fixed_windows(windows: int) -> Statements:
    """Return statements that refuse until a full window is over.

    One statement counts an attempt in every window that has room. SQLite and PostgreSQL read the
    same text. A window that is over starts again, and so does one whose attempts were all given
    back: its end would tell when somebody last logged in.
    """
    rows = ", ".join(f"(:key, :span_{i}, :allowed_{i}, 1, 0, :ends_{i}, 0)" for i in range(windows))
    is_over = "(attempt_counters.ends <= :now OR attempt_counters.count = 0)"
    reserve = text(
        f"""
        INSERT INTO attempt_counters (key, span, allowed, count, refused, ends, held_until)
        VALUES {rows}
        ON CONFLICT (key, span) DO UPDATE SET
            allowed = excluded.allowed,
            count = CASE WHEN {is_over} THEN 1 ELSE attempt_counters.count + 1 END,
            refused = CASE WHEN {is_over} THEN 0 ELSE attempt_counters.refused END,
            ends = CASE WHEN {is_over} THEN excluded.ends ELSE attempt_counters.ends END
        WHERE {is_over} OR attempt_counters.count < excluded.allowed
        RETURNING span, ends, held_until
        """  # noqa: S608 - the numbers of windows, nothing from outside
    )
    return Statements(reserve, REFUSE)


@cache
def give_back_for(windows: int) -> Update:
    """Return the one statement that takes an attempt back in so many windows, if they still run.

    A hold is let go by the attempt that caused it and by no other.
    """
    counted, causes = [], []
    for i in range(windows):
        is_window = LOCKED.c.span == bindparam(f"span_{i}")
        counted.append(and_(is_window, LOCKED.c.ends == bindparam(f"ends_{i}")))
        causes.append(
            and_(
                COUNTERS.c.span == bindparam(f"span_{i}"),
                COUNTERS.c.held_until == bindparam(f"held_until_{i}"),
            )
        )
    # In the order in which an attempt is counted: two at once must not wait for each other.
    rows = (
        select(LOCKED.c.key, LOCKED.c.span)
        .where(LOCKED.c.key == bindparam("the_key"), or_(*counted))
        .order_by(LOCKED.c.span)
        .with_for_update()
    )
    return (
        update(COUNTERS)
        .where(tuple_(COUNTERS.c.key, COUNTERS.c.span).in_(rows), COUNTERS.c.count > 0)
        .values(
            count=COUNTERS.c.count - literal_column("1"),
            held_until=case((or_(*causes), literal_column("0")), else_=COUNTERS.c.held_until),
        )
    )


@implementer(IRateLimiter)
class SQLRateLimiter:
    """One row per window; the statement that counts also decides."""

    def __init__(
        self,
        name: str,
        items: Sequence[RateLimitItem],
        statements: Statements,
        session: Session,
        keys: IKeyRing,
        clock: IClock,
    ) -> None:
        self.name = name
        self._items = items
        self._statements = statements
        self._session = session
        self._keys = keys
        self._clock = clock

    def reserve(self, subject: str) -> Reservation:
        now = int(self._clock.now().timestamp())
        key = keyed(self._keys, self.name, subject)
        values: dict[str, object] = {"key": key, "now": now}
        for i, item in enumerate(self._items):
            span = item.get_expiry()
            values |= {f"span_{i}": span, f"allowed_{i}": item.amount, f"ends_{i}": now + span}
        counted = self._session.execute(self._statements.reserve, values)
        reservation = Reservation(
            key, tuple((row.span, row.ends, row.held_until) for row in counted)
        )
        if len(reservation.windows) < len(self._items):
            self.give_back(reservation)
            raise self._refusal(key, now)
        return reservation

    def _refusal(self, key: bytes, now: int) -> TooManyAttempts:
        full = self._session.execute(self._statements.refuse, {"key": key, "now": now}).all()
        longest = max((row.refused_until for row in full), default=now + 1)
        is_first = any(row.refused == 1 for row in full)
        return TooManyAttempts(self.name, timedelta(seconds=longest - now), is_first=is_first)

    def give_back(self, reservation: Reservation) -> None:
        if not reservation.windows:
            return
        values: dict[str, object] = {"the_key": reservation.key}
        for i, (span, ends, held_until) in enumerate(reservation.windows):
            values |= {f"span_{i}": span, f"ends_{i}": ends, f"held_until_{i}": held_until}
        self._session.defer(give_back_for(len(reservation.windows)), values)
