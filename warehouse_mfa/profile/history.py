"""The security history in words, and what of it is asked for."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Any

from translationstring import TranslationString

from warehouse_mfa.events.interfaces import Event, HistoryEntry, Selection
from warehouse_mfa.i18n import _
from warehouse_mfa.profile.telling import Telling
from warehouse_mfa.profile.tellings import BY_TOPIC, TELLINGS
from warehouse_mfa.profile.topics import Topic

DAY = timedelta(days=1)
# A way in that is no factor of its own.
WAYS = {"passkey": _("Passkey")}
# Another release may have written it, while this one is still serving.
UNKNOWN = Telling(Event, _("Something happened that this page has no words for: ${tag}"))

TAGS: Mapping[str, frozenset[str]] = {
    Topic.WARNINGS: frozenset(tag for tag, telling in TELLINGS.items() if telling.is_warning),
    **{topic: frozenset(one.event.tag for one in several) for topic, several in BY_TOPIC.items()},
}


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the history, in words."""

    happened_at: datetime
    sentence: TranslationString
    is_warning: bool
    is_new_browser: bool
    address: str | None
    browser: TranslationString | None
    factor: Any
    """Title of the factor, a marked string; its name when no such factor is left, or `None`."""


def line_of(entry: HistoryEntry, titles: Mapping[str, Any]) -> Line:
    """Return how an entry is told; `titles` are those of the factors, by name."""
    around = entry.circumstances
    telling = TELLINGS.get(entry.tag, UNKNOWN)
    factor = telling.factor(entry)
    return Line(
        happened_at=entry.happened_at,
        sentence=telling.of(entry),
        is_warning=telling.is_warning,
        is_new_browser=telling.is_new_browser(entry),
        address=around.address,
        browser=around.browser if around.agent else None,
        factor={**WAYS, **titles}.get(factor, factor) if factor else None,
    )


def selection_of(topic: str, first: date | None, last: date | None, zone: tzinfo) -> Selection:
    """Return which events belong to a topic, all for "", on the days from `first` to `last` there."""
    return Selection(
        tags=TAGS[topic] if topic else None,
        since=datetime.combine(first, time(), zone) if first else None,
        until=datetime.combine(last + DAY, time(), zone) if last else None,
    )
