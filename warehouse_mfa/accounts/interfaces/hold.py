"""Holding what an account can publish, after somebody said "this was not me"."""

from uuid import UUID

from zope.interface import Interface

from warehouse_mfa.accounts.interfaces.accounts import AccountRefusal
from warehouse_mfa.authz import Identity
from warehouse_mfa.i18n import _


class HoldRefusal(AccountRefusal):
    """Base of why a hold stays."""


class NothingHeld(HoldRefusal):
    message = _("Publishing is not held any more.")


class StrongerFactorNeeded(HoldRefusal):
    """The session has proved a factor below the account's strongest."""

    message = _("Show with your strongest second factor that it is you, then let publishing go on.")


class IPublishingHold(Interface):
    """Holds what an account can publish. It locks nobody out: its people log in as before.

    Whatever publishes asks `is_held`, or `Identity.is_publishing_held` where there is a session.
    """

    def hold(user_id: UUID) -> None:
        """Hold it, and end all sessions, pending logins and remembered browsers.

        Holding what is held ends them once more, and is another event.
        """

    def lift(identity: Identity) -> None:
        """Let it go on.

        :raises NothingHeld: when nothing is held.
        :raises StrongerFactorNeeded: when the session is reduced.
        :raises AccountChanged: when the session has ended meanwhile, perhaps by another hold.
        """

    def is_held(user_id: UUID) -> bool:
        """Tell whether nothing may be published in the name of the account."""
