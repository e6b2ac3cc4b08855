"""Breaches: whether a password has become known, from nobody, from a file, or from a service.

Passwords are compared by SHA-1 because that is what lists of breached passwords are made of; nothing
here keeps one. NIST SP 800-63B-4 §3.1.1.2.
"""

from pyramid.config import Configurator

from warehouse_mfa.breaches.file import FileOfBreaches
from warehouse_mfa.breaches.interfaces import IPasswordBreachService
from warehouse_mfa.breaches.nowhere import NoBreaches
from warehouse_mfa.breaches.ranges import RangesOfBreaches
from warehouse_mfa.settings import Settings


def includeme(config: Configurator) -> None:
    config.register_service(_source(config.registry["settings"]), IPasswordBreachService)


def _source(settings: Settings) -> NoBreaches | FileOfBreaches | RangesOfBreaches:
    if settings.breach_file is not None:
        return FileOfBreaches(settings.breach_file)
    if settings.breach_service:
        return RangesOfBreaches(settings.breach_service)
    return NoBreaches()
