"""The rules of second factors: which an account has, and how they change."""

from warehouse_mfa.factors.services.changes import FactorChangeService
from warehouse_mfa.factors.services.holdings import FactorService
from warehouse_mfa.factors.services.removal import CredentialRemoval

__all__ = ["CredentialRemoval", "FactorChangeService", "FactorService"]
