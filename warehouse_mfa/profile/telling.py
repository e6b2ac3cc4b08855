"""How an event is told to the person whose account it happened to."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields

from translationstring import TranslationString

from warehouse_mfa.events.interfaces import Event, HistoryEntry


def used_factor(entry: HistoryEntry) -> str | None:
    """Return the name of the factor that the session had proved."""
    return entry.circumstances.factor


def attempted_factor(entry: HistoryEntry) -> str | None:
    """Return the name of the factor that was tried."""
    return entry.facts.get("attempted")


def in_new_browser(entry: HistoryEntry) -> bool:
    return entry.facts.get("is_known_device") is False


def never(entry: HistoryEntry) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Telling:
    """How an event is told."""

    event: type[Event]
    sentence: TranslationString
    """It names facts of the event: `${label}`; or its `${tag}`."""
    is_warning: bool = False
    """Something was refused, or is to be looked at."""
    factor: Callable[[HistoryEntry], str | None] = used_factor
    by_factor: Mapping[str, TranslationString] = field(default_factory=dict)
    """Sentences that say more where the factor is one of these."""
    is_new_browser: Callable[[HistoryEntry], bool] = never

    def of(self, entry: HistoryEntry) -> TranslationString:
        """Return the sentence with the facts of an entry."""
        sentence = self.by_factor.get(self.factor(entry) or "", self.sentence)
        # An older entry may lack a fact that later ones have.
        missing = {one.name: "\N{EN DASH}" for one in fields(self.event)}
        facts = {name: str(value) for name, value in entry.facts.items()}
        return sentence % {**missing, **facts, "tag": entry.tag}
