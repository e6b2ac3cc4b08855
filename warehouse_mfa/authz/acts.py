"""Acts of high impact: done only when whoever asks for one has confirmed it, and it alone.

    asked for --a factor, proved for this very act, in the same session, 5 min--> done, once

A capability joins an act with `config.add_act(AccountDeletion.create, action="account:delete")`. A page
asks for it with one call, `IActionConfirmation.ask`, and sends the person to the route
`login.confirm-act`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from pyramid.config import Configurator
from pyramid.request import Request
from zope.interface import Attribute, Interface

from warehouse_mfa.authz.interfaces import Identity
from warehouse_mfa.i18n import _


class ActRefused(Exception):
    """Whoever asks cannot confirm acts as things are; `route` leads to what would help."""

    message: Any
    route: str
    text: Any
    """Marked string on the link that leads there."""


class SessionIsReduced(ActRefused):
    """The session proved less than the account could."""

    message = _(
        "You are here with less than your strongest second factor, which is enough to replace a lost "
        "one, and for nothing that cannot be taken back. Show that it is you with the strongest one; "
        "if you have lost it, add its replacement first."
    )
    route = "login.reauthenticate"
    text = _("Show that it is you")


class NothingConfirms(ActRefused):
    """The account has no factor that may confirm."""

    message = _(
        "This is confirmed with an authenticator app, a security key or a passkey, and you have none "
        "that works. Add one first."
    )
    route = "factors.manage"
    text = _("Choose a second factor")


@dataclass(frozen=True, slots=True)
class Confirmed:
    """What an act was confirmed with."""

    factor: str
    """Name of the factor."""
    credential: str
    """Its label."""


@dataclass(frozen=True, slots=True)
class Performed:
    """An act that was done."""

    event_id: UUID
    """The one event that it recorded; the evidence stands beside it."""
    route: str
    """Where to go now."""
    message: Any
    """Marked string: what was done."""


class IAct(Interface):
    """An act of high impact. It joins the transaction of its caller."""

    action = Attribute(
        "Stable word, in facts and rows: account:delete. Never used for another act."
    )
    sentence = Attribute("Marked string, what is about to be done; it names facts: `${account}`.")
    consequence = Attribute("Marked string, a sentence on what that means.")
    text = Attribute("Marked string on the button that does it.")
    route = Attribute("Route of the page where it is asked for.")

    def facts(identity: Identity, target: str) -> Mapping[str, Any] | None:
        """Return what is done to what, as the database says now; `None` when it is not there.

        All that the person should know goes in, as values of JSON: names, ids, digests of files.
        These facts are shown, and signed.
        """

    def perform(identity: Identity, target: str, confirmed: Confirmed) -> Performed:
        """Do it, and record its one event. The facts are those that were confirmed."""


class IActionConfirmation(Interface):
    """Asks for the confirmation of an act, and has it done. Any capability may."""

    def obstacle(identity: Identity) -> ActRefused | None:
        """Return why whoever asks cannot confirm acts: for the page where one is asked for."""

    def ask(identity: Identity, action: str, target: str = "") -> UUID:
        """Note that an act is asked for; return its id, which the route `login.confirm-act` takes.

        `target` says what it is done to, in words of the act. :raises ActRefused: see `obstacle`.
        """


ActFactory = Callable[[object, Request], IAct]


def add_act(config: Configurator, create: ActFactory, *, action: str) -> None:
    """Join an act that is done once it was confirmed."""
    config.register_service_factory(create, IAct, name=action)


def includeme(config: Configurator) -> None:
    config.add_directive("add_act", add_act)
