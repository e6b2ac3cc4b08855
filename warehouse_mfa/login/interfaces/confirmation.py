"""Confirming an act of high impact that was asked for."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from zope.interface import Interface

from warehouse_mfa.authz import Identity, Performed
from warehouse_mfa.factors.interfaces import Prover
from warehouse_mfa.i18n import _
from warehouse_mfa.sessions.interfaces import Device


@dataclass(frozen=True, slots=True)
class AskedAct:
    """An act that somebody asked for, as it was then."""

    id: UUID
    family_id: UUID
    security_epoch: int
    action: str
    target: str
    facts: bytes
    """Canonical JSON, RFC 8785. These bytes are shown, and their SHA-256 is signed."""
    nonce: bytes
    asked_at: datetime
    expires_at: datetime
    confirmed_at: datetime | None


@dataclass(frozen=True, slots=True)
class ConfirmableAct:
    """An act that can be confirmed now, and with what."""

    asked: AskedAct
    act: Any
    """The `IAct`."""
    about: Mapping[str, Any]
    """What is done to what, as the facts say."""
    confirming: tuple[Any, ...]
    """The factors (`IFactor`) that may confirm it, strongest first."""


class ActGone(Exception):
    """The act was confirmed, was asked for too long ago, or in another session."""

    message = _(
        "This was done already, or you took longer than five minutes. If it was not done, ask for it "
        "again."
    )
    reason = "act-gone"


class ActChanged(ActGone):
    """What is to be done is not what it was when it was asked for."""

    message = _(
        "Something changed meanwhile, so that this would not be what you were shown. Nothing was done. "
        "Ask for it again."
    )
    reason = "act-changed"


class IConfirmationService(Interface):
    """Lets somebody confirm what they asked for with `IActionConfirmation`."""

    def asked(identity: Identity, act_id: UUID) -> AskedAct | None:
        """Return what that person asked for, whether it can still be confirmed or not."""

    def confirmable(identity: Identity, asked: AskedAct) -> ConfirmableAct:
        """Return what is to be confirmed; its facts are made anew and compared.

        :raises ActGone: :raises ActChanged: :raises ActRefused: when it cannot be confirmed.
        """

    def prover(identity: Identity, asked: AskedAct) -> Prover:
        """Return on whose behalf, on what occasion and for which facts a factor is asked for."""

    def complete(
        identity: Identity,
        confirmable: ConfirmableAct,
        factor: Any,
        answer: str,
        *,
        device: Device | None,
        client: str,
    ) -> Performed:
        """Check a factor, do the act, and keep the evidence with its event.

        :raises FactorRejected: the failure counts when the caller returns normally.
        :raises TooManyAttempts: before anything was checked. :raises ActGone: :raises ActChanged:
        when it was confirmed or changed meanwhile; nothing was done then.
        """
