"""The rules of security keys."""

from warehouse_mfa.webauthn.services.challenges import ChallengeService
from warehouse_mfa.webauthn.services.credentials import WebAuthnService

__all__ = ["ChallengeService", "WebAuthnService"]
