"""Breaches: the service."""

from zope.interface import Interface


class IPasswordBreachService(Interface):
    """Knows passwords that have become known. Call it with no transaction open."""

    def is_breached(password: str) -> bool:
        """Tell whether a normalized password has become known.

        When it cannot tell, or not within a second, the answer is no: who breaks the source must not
        be able to keep everybody from logging in. That it could not tell is logged.
        """
