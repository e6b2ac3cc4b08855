"""Evidence, and who keeps it."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from zope.interface import Interface


@dataclass(frozen=True, slots=True)
class Signed:
    """A signed answer of an authenticator, as it was sent. WebAuthn L3 §5.2.2."""

    credential_id: bytes
    public_key: bytes
    """COSE_Key of the credential, as it was registered."""
    client_data: bytes
    """JSON that the client wrote; its challenge holds the SHA-256 of the facts."""
    authenticator_data: bytes
    signature: bytes
    """Over authenticator data and the SHA-256 of the client data."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was confirmed before an act, by what."""

    event_id: UUID
    """The event of the act."""
    facts: bytes
    """Canonical JSON, RFC 8785: action, target, actor, time, nonce."""
    factor: str
    """Name of the factor that confirmed."""
    rp_id: str
    origin: str
    """Who we were then, WebAuthn L3 §4: the RP ID and the origin of the pages."""
    signed: Signed | None
    """`None` for weaker evidence: a code was right, which nobody can check afterwards."""


class IEvidenceService(Interface):
    """Keeps evidence. Nothing changes or deletes it."""

    def keep(evidence: Evidence) -> None:
        """Keep evidence, in the transaction of its caller."""

    def of(event_id: UUID) -> Evidence | None:
        """Return the evidence of an event, `None` when it has none."""

    def all() -> Iterator[Evidence]:
        """Return all evidence, oldest first."""
