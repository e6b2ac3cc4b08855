"""The provable log. For now its table: the position that an event gets in the Merkle tree."""

from pyramid.config import Configurator

from warehouse_mfa.audit.models import AuditLeaf

__all__ = ["AuditLeaf"]


def includeme(config: Configurator) -> None:
    """Bring the table; the sequencer that fills it is not here yet."""
