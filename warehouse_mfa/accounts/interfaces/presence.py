"""Where an account is used: sessions and known browsers."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from translationstring import TranslationString
from zope.interface import Interface

from warehouse_mfa.authz import Identity


@dataclass(frozen=True, slots=True)
class ListedSession:
    """A session as its owner sees it."""

    family_id: UUID
    """It goes by its family: its id changes while a page is read."""
    factor: str | None
    started_at: datetime
    last_seen_at: datetime
    address: str | None
    browser: TranslationString | None
    is_this: bool
    """It is the one that asks."""


@dataclass(frozen=True, slots=True)
class ListedDevice:
    """A known browser as its owner sees it."""

    id: UUID
    known_since: datetime
    last_used_at: datetime
    address: str | None
    browser: TranslationString | None
    is_this: bool
    remembered_until: datetime | None
    """Until then it is asked for no second factor."""


@dataclass(frozen=True, slots=True)
class DevicePage:
    """A part of the known browsers, newest first."""

    devices: tuple[ListedDevice, ...]
    older: UUID | None
    """What to ask for as `before`; `None` when this is the last part."""


class IPresenceService(Interface):
    """Where somebody is logged in, and which browsers are known to be theirs."""

    def sessions(identity: Identity) -> list[ListedSession]:
        """Return the sessions that are alive, the last used first."""

    def end(identity: Identity, family_id: UUID) -> None:
        """End a session of one's own. Ending one that is over changes nothing."""

    def end_others(identity: Identity) -> int:
        """End every session but the one that asks; return how many those were."""

    def devices(identity: Identity, before: UUID | None = None) -> DevicePage:
        """Return the newest 20 known browsers, or the newest 20 before that one."""

    def forget(identity: Identity, device_id: UUID) -> None:
        """Know a browser of one's own no longer. Forgetting it twice changes nothing."""
