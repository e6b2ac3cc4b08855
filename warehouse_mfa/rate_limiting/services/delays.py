"""Delays that grow from one attempt to the next, once a window is full: the statements.

    has room --the attempt that fills it--> held --the delay is over--> free for one --it is made--> held

A full window stays full for a day after its end, however its attempts are spread: otherwise one
could keep away from the longer delays by waiting for the next window. The attempt that fills it
holds the next one up already, so that nobody escapes by never trying once too often. An attempt
that is given back leaves what was before it: the count, and no hold, since it could not have been
made during one. Giving back moves no end, so that a success neither revives nor prolongs anything.
"""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import text

from warehouse_mfa.rate_limiting.services.sql import Statements

REMEMBERED = timedelta(days=1)
SECONDS = int(REMEMBERED.total_seconds())
REFUSE = text(
    """
    UPDATE attempt_counters SET refused = refused + 1
    WHERE key = :key AND count >= allowed AND held_until > :now
    RETURNING refused, held_until AS refused_until
    """
)


def delay_after(delays: Sequence[timedelta], surplus: int) -> int:
    """Return the seconds to wait after an attempt that is `surplus` above the number allowed."""
    return int(delays[min(surplus, len(delays) - 1)].total_seconds())


def growing_delays(windows: int, delays: Sequence[timedelta]) -> Statements:
    """Return statements that refuse until the delay after the last attempt is over.

    Of many attempts at that moment the one statement that counts lets one through.
    """
    is_over = (
        f"(attempt_counters.count = 0 OR attempt_counters.ends + {SECONDS} <= :now"
        " OR (attempt_counters.ends <= :now AND attempt_counters.count < excluded.allowed))"
    )
    waits = " ".join(
        f"WHEN {surplus} THEN {delay_after(delays, surplus)}" for surplus in range(len(delays))
    )
    surplus = "attempt_counters.count + 1 - excluded.allowed"
    longest = delay_after(delays, len(delays))
    first = f"CASE WHEN :allowed_{{i}} = 1 THEN :now + {delay_after(delays, 0)} ELSE 0 END"
    rows = ", ".join(
        f"(:key, :span_{i}, :allowed_{i}, 1, 0, :ends_{i}, {first.format(i=i)})"
        for i in range(windows)
    )
    reserve = text(
        f"""
        INSERT INTO attempt_counters (key, span, allowed, count, refused, ends, held_until)
        VALUES {rows}
        ON CONFLICT (key, span) DO UPDATE SET
            allowed = excluded.allowed,
            count = CASE WHEN {is_over} THEN 1 ELSE attempt_counters.count + 1 END,
            refused = CASE WHEN {is_over} THEN 0 ELSE attempt_counters.refused END,
            ends = CASE WHEN {is_over} THEN excluded.ends ELSE attempt_counters.ends END,
            held_until = CASE
                WHEN {is_over} THEN excluded.held_until
                WHEN {surplus} < 0 THEN 0
                ELSE :now + CASE {surplus} {waits} ELSE {longest} END
            END
        WHERE {is_over} OR attempt_counters.count < excluded.allowed
            OR attempt_counters.held_until <= :now
        RETURNING span, ends, held_until
        """  # noqa: S608 - numbers of the settings, nothing from outside
    )
    return Statements(reserve, REFUSE)
