"""Proving a factor again."""

from typing import Any

from zope.interface import Interface

from warehouse_mfa.authz import Identity
from warehouse_mfa.factors.interfaces import Prover
from warehouse_mfa.sessions.interfaces import Device, StartedSession


class IReauthenticationService(Interface):
    """Lets somebody who is logged in prove a factor again."""

    def prover(identity: Identity) -> Prover:
        """Return on whose behalf and on what occasion a factor is asked for."""

    def complete(
        identity: Identity, factor: Any, answer: str, *, device: Device | None, client: str
    ) -> StartedSession:
        """Check a factor; the session gets another id and a fresh proof, its family stays.

        :raises FactorRejected: the failure counts when the caller returns normally.
        :raises TooManyAttempts: before anything was checked. :raises AccountChanged: if so.
        """
