"""Evidence: what was confirmed before an act of high impact, byte for byte, kept with its event.

It outlives the account. Anybody can check it years later, from these bytes alone.
"""

from pyramid.config import Configurator

from warehouse_mfa.evidence.interfaces import IEvidenceService
from warehouse_mfa.evidence.personal_data import SECTIONS
from warehouse_mfa.evidence.services import EvidenceService


def includeme(config: Configurator) -> None:
    config.register_service_factory(EvidenceService.create, IEvidenceService)
    config.add_personal_data(SECTIONS)
