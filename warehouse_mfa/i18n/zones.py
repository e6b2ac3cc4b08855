"""Time zones: their names, and the one that a reader reads times in."""

from datetime import UTC, tzinfo
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

DEFAULT = "UTC"
AREAS = (
    "Africa/",
    "America/",
    "Antarctica/",
    "Arctic/",
    "Asia/",
    "Atlantic/",
    "Australia/",
    "Europe/",
    "Indian/",
    "Pacific/",
)


@cache
def time_zones() -> tuple[str, ...]:
    """Return the names that can be chosen, UTC first; only that where a system knows no others."""
    return (DEFAULT, *sorted(name for name in available_timezones() if name.startswith(AREAS)))


@cache
def time_zone_of(name: str) -> tzinfo:
    """Return a time zone; UTC for a name that this system does not know, perhaps not any more."""
    try:
        return ZoneInfo(name) if name != DEFAULT else UTC
    except (ZoneInfoNotFoundError, ValueError):
        return UTC
