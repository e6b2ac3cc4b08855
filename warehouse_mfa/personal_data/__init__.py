"""What is kept about a person, for that person to read.

A capability whose table says something about an account joins the columns that the person should
see by `config.add_personal_data`. Secrets and what is made of them never are among these.
"""

from pyramid.config import Configurator

from warehouse_mfa.personal_data.directives import add_personal_data
from warehouse_mfa.personal_data.interfaces import IPersonalData
from warehouse_mfa.personal_data.rows import rows_of
from warehouse_mfa.personal_data.services import PersonalData

__all__ = ["IPersonalData", "rows_of"]


def includeme(config: Configurator) -> None:
    config.registry["personal_data"] = {}
    config.add_directive("add_personal_data", add_personal_data)
    config.register_service_factory(PersonalData.create, IPersonalData)
