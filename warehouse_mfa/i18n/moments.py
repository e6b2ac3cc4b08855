"""Times and lengths of time in words, as Babel has them for each language."""

import math
from datetime import datetime, timedelta
from functools import lru_cache

from babel import Locale
from babel.dates import (
    format_date,
    format_datetime,
    format_time,
    format_timedelta,
    get_datetime_format,
)
from markupsafe import Markup

from warehouse_mfa.i18n.zones import time_zone_of

MINUTE, HOUR, DAY = 60, 3600, 86400


def from_now(length: timedelta, locale_name: str) -> str:
    """Return when a length of time will have passed, rounded up: nobody should come too early."""
    seconds = max(1, math.ceil(length.total_seconds()))
    unit = next((unit for unit in (DAY, HOUR, MINUTE) if seconds > unit), 1)
    return _in_words(math.ceil(seconds / unit) * unit, locale_name)


def ago(length: timedelta, locale_name: str) -> str | None:
    """Return how long ago something was, in whole minutes or hours.

    `None` within the first minute, after the first day, and for what is yet to come.
    """
    seconds = int(length.total_seconds())
    if not MINUTE <= seconds < DAY:
        return None
    unit = HOUR if seconds >= HOUR else MINUTE
    return _in_words(-(seconds // unit * unit), locale_name)


def _in_words(seconds: int, locale_name: str) -> str:
    locale = Locale.parse(locale_name, sep="_")
    return format_timedelta(
        timedelta(seconds=seconds), threshold=1, add_direction=True, locale=locale
    )


@lru_cache(maxsize=4096)
def time_element(
    moment: datetime, locale_name: str, time_zone: str, words: str | None = None
) -> Markup:
    """Return `<time>`: exact for machines, and in the title; `words` are shown, or else the minute.

    Formatting costs 0.2 ms, and pages show the same few times again and again.
    """
    locale, zone = Locale.parse(locale_name, sep="_"), time_zone_of(time_zone)
    return Markup('<time datetime="{}" title="{}">{}</time>').format(
        moment.isoformat(timespec="seconds"),
        format_datetime(moment, "full", tzinfo=zone, locale=locale),
        words or _to_the_minute(moment.astimezone(zone), locale),
    )


def _to_the_minute(moment: datetime, locale: Locale) -> str:
    """Return date and time without seconds, in the order that a language has them."""
    pattern = str(get_datetime_format("medium", locale=locale)).replace("'", "")
    time = format_time(moment, "short", tzinfo=moment.tzinfo, locale=locale)
    # A line may end after the date, but not between the hour and its half of the day.
    time = time.replace(" ", "\N{NO-BREAK SPACE}")
    return pattern.format(time, format_date(moment, "medium", locale=locale))
