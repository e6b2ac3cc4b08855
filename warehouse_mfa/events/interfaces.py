"""Events, who records them and who hears of them."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, ClassVar
from uuid import UUID

from translationstring import TranslationString
from zope.interface import Interface

from warehouse_mfa.events.agents import browser_of

Personal = Annotated[str, "personal"]
"""A field of an event that names a person: it is kept apart from the others, and can be erased."""


@dataclass(frozen=True, slots=True)
class Event:
    """Base of all events. Fields are facts for the trail: text, numbers, flags; never a secret.

    What names a person is declared as `Personal`.
    """

    tag: ClassVar[str]
    """Stable name, `capability:thing:happened`; never used again for something else."""


@dataclass(frozen=True, slots=True)
class Circumstances:
    """From where and by whom something is done."""

    actor_id: UUID | None
    session_id: UUID | None
    factor: str | None
    address: str | None
    agent: str | None
    """What the browser says about itself; not to be shown."""

    @property
    def browser(self) -> TranslationString:
        """The name of the browser, a marked string."""
        return browser_of(self.agent)


@dataclass(frozen=True, slots=True)
class Recorded:
    """An event that stands in the trail."""

    id: UUID
    subject_id: UUID | None
    event: Event
    happened_at: datetime
    circumstances: Circumstances


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """An event as it is read back, perhaps written by another release: a tag and facts, no class."""

    id: UUID
    tag: str
    facts: dict[str, Any]
    happened_at: datetime
    circumstances: Circumstances
    """Address and agent are `None` when they were erased, too."""


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """A part of a history, newest first."""

    entries: tuple[HistoryEntry, ...]
    older: UUID | None
    """Where the next page begins: what to ask for as `before`; `None` when this is the last."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Which events of an account are asked for; all of them, where it says nothing else."""

    tags: frozenset[str] | None = None
    since: datetime | None = None
    until: datetime | None = None
    """What happened then is left out."""


EVERYTHING = Selection()


class IEventService(Interface):
    """Writes the trail. It joins the transaction of its caller."""

    def record(
        subject_id: UUID | None,
        event: Event,
        *,
        actor_id: UUID | None = None,
        session_id: UUID | None = None,
        factor: str | None = None,
        address: str | None = None,
    ) -> Recorded:
        """Record what happened to the account `subject_id`; `None` for a name nobody has.

        The rest is that of the request unless it is given, as by a login, which has just found out
        who asks, or by a task, which works for somebody who is gone. `address` is the network's.
        """


class IErasureService(Interface):
    """Erases what names a person. It joins the transaction of its caller."""

    def erase(subject_id: UUID) -> None:
        """Erase the personal fields of every event of an account; the events stay."""


class IEventHistory(Interface):
    """Reads the trail of one account."""

    def page(
        subject_id: UUID, before: UUID | None = None, selection: Selection = EVERYTHING
    ) -> HistoryPage:
        """Return the newest 50 events of an account, or the newest 50 before that one.

        `before` is any id; only its place among the account's own events counts.
        """

    def all(
        subject_id: UUID, before: UUID | None = None, selection: Selection = EVERYTHING
    ) -> Iterator[HistoryEntry]:
        """Yield every event of an account, newest first, or every one before that one.

        However many there are, a few hundred of them are in memory at once.
        """

    def lately(
        subject_id: UUID, tags: Collection[str], since: datetime, most_of_each: int
    ) -> list[HistoryEntry]:
        """Return the newest events of an account with each of the tags, newest first."""

    def entries(ids: Sequence[UUID]) -> list[HistoryEntry]:
        """Return events by their ids, in any order."""


class IEventListener(Interface):
    """Hears of events."""

    def heard(recorded: Recorded) -> None:
        """React, in the same transaction."""
