"""The provable log: the position of an event in the Merkle tree, and evidence that is checked."""

from pyramid.config import Configurator

from warehouse_mfa.audit.interfaces import IEvidenceAudit
from warehouse_mfa.audit.models import AuditLeaf
from warehouse_mfa.audit.services import EvidenceAudit

__all__ = ["AuditLeaf"]


def includeme(config: Configurator) -> None:
    """Bring the table; the sequencer that fills it is not here yet."""
    config.register_service_factory(EvidenceAudit.create, IEvidenceAudit)
