"""Without a source no password is known. Those that are tried first are refused all the same."""

from zope.interface import implementer

from warehouse_mfa.breaches.interfaces import IPasswordBreachService


@implementer(IPasswordBreachService)
class NoBreaches:
    def is_breached(self, password: str) -> bool:
        return False
