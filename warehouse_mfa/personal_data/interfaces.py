"""Reading what is kept about a person."""

from typing import Any
from uuid import UUID

from zope.interface import Interface


class IPersonalData(Interface):
    """Everything that is kept about a person, from every capability that joined."""

    def of(user_id: UUID) -> dict[str, list[dict[str, Any]]]:
        """Return the rows of each section, oldest first, as values for JSON.

        Times are ISO 8601 in UTC, bytes are base64url without padding.
        """
