"""Identities, where they come from, and why something is denied."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Self
from uuid import UUID

from pyramid.request import Request
from pyramid.security import Denied
from zope.interface import Interface

from warehouse_mfa.authz.probation import Probation


class CredentialKind(StrEnum):
    """What a request proves its identity with."""

    SESSION = "session"
    MACAROON = "macaroon"


class Denial(StrEnum):
    """Why a request is refused, and with it what would help."""

    NOT_LOGGED_IN = "not-logged-in"
    NOT_VERIFIED = "not-verified"
    NO_FACTOR = "no-factor"
    NO_PENDING_LOGIN = "no-pending-login"
    FORBIDDEN = "forbidden"


class Refusal(Denied):
    """A denial with its reason."""

    reason: Denial

    def __new__(cls, reason: Denial) -> Self:
        refusal = super().__new__(cls, f"denied: {reason}")
        refusal.reason = reason
        return refusal


@dataclass(frozen=True, slots=True)
class Identity:
    """Who is asking, as the row of the session says: ids and flags, no more queries."""

    credential: CredentialKind
    user_id: UUID
    username: str
    security_epoch: int
    is_verified: bool
    """The primary address is verified."""
    factor: str | None
    """Name of the second factor that this session has proved, `None` if none."""
    session_id: UUID | None = None
    family_id: UUID | None = None
    factor_at: datetime | None = None
    """When a second factor was proved last."""
    is_reduced: bool = False
    """It was one below the account's strongest: enough to mend factors, not for high impact."""
    is_superuser: bool = False
    is_publishing_held: bool = False
    """Somebody said "this was not me": nothing may be published in this account's name."""
    probation: Probation | None = None
    """Until it ends, acts of high impact have to wait; `IProbation` knows what else they wait for."""
    time_zone: str = "UTC"
    """Name in the tz database: what times are shown in."""


class IFactorPolicy(Interface):
    """Says which second factors count here; `factors` implements it."""

    def counts(name: str) -> bool:
        """Tell whether a session that proved this factor is a full login."""


class IStepUpService(Interface):
    """Asks for a fresh proof of presence before what must not be done with a stolen session."""

    def is_fresh(identity: Identity) -> bool:
        """Tell whether a factor was proved lately, or there is none to prove yet."""


class IIdentitySource(Interface):
    """One way to learn who is asking; see `config.add_identity_source`."""

    def identity(request: Request) -> Identity | None:
        """Return who is asking, or `None` when this source does not know."""
