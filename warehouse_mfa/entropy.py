"""The only source of secrets. Identifiers of rows are no secrets and come from `db.new_id`."""

import secrets

from pyramid.config import Configurator
from zope.interface import Interface, implementer


class IEntropy(Interface):
    """Gives unpredictable bytes."""

    def token_bytes(size: int) -> bytes:
        """Return `size` random bytes that nobody can guess."""


@implementer(IEntropy)
class SystemEntropy:
    def token_bytes(self, size: int) -> bytes:
        return secrets.token_bytes(size)


def includeme(config: Configurator) -> None:
    config.register_service(SystemEntropy(), IEntropy)
