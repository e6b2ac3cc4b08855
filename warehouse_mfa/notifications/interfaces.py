"""Notices."""

from dataclasses import dataclass
from uuid import UUID

from zope.interface import Interface

from warehouse_mfa.events.interfaces import HistoryEntry, IEventListener


@dataclass(frozen=True, slots=True)
class NoticeEntry:
    """Something that a person was told."""

    entry: HistoryEntry
    is_unread: bool


@dataclass(frozen=True, slots=True)
class NoticePage:
    """A part of the notices, newest first."""

    notices: tuple[NoticeEntry, ...]
    older: UUID | None
    """What to ask for as `before`; `None` when this is the last part."""


class INotificationService(IEventListener):
    """Tells people by mail what happened to their account, at all their verified addresses.

    What is mailed is kept as a notice in the account, under the id of the event.
    """


class INotMeService(Interface):
    """What the link "this was not me" does, which every notice has."""

    def username_of(token: str) -> str:
        """Return whose account a link is about. :raises LinkInvalid: when it cannot be used."""

    def say(token: str) -> str:
        """Use the link: hold what the account can publish. Return its username.

        :raises LinkInvalid: when it cannot be used.
        """


class INoticeService(Interface):
    """What people were told."""

    def page(user_id: UUID, before: UUID | None = None) -> NoticePage:
        """Return the newest 20 notices of an account, or the newest 20 before that one."""

    def unread(user_id: UUID) -> int:
        """Return how many nobody has read."""

    def read_all(user_id: UUID, newest: UUID | None = None) -> None:
        """Mark all of them as read; those that came after `newest` not, which nobody was shown."""
