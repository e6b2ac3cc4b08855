"""The probation of an account: begun by the services that cause it, in their transactions."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar
from uuid import UUID

from zope.interface import Interface

from warehouse_mfa.authz import Cause
from warehouse_mfa.events.interfaces import Event

LONG_STANDING = timedelta(days=7)
"""So long before the cause a factor must have been added that ends probation."""


@dataclass(frozen=True, slots=True)
class ProbationEnded(Event):
    """Before its time, by a factor of long standing."""

    tag: ClassVar[str] = "account:probation:ended"
    label: str


class IProbationService(Interface):
    """Begins and ends probation. That it is on, the row of a session says: `Identity.probation`."""

    def begin(user_id: UUID, cause: Cause) -> None:
        """Put the account on probation for as long as the setting says. It is never shortened."""

    def end_early(user_id: UUID, *, added_at: datetime, label: str) -> None:
        """End it, if the factor that was just proved had stood long enough when it began.

        `added_at` says since when the account has that factor, `label` what it is called.
        """
