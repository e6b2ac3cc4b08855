"""The rules of security keys and passkeys."""

from warehouse_mfa.webauthn.services.challenges import ChallengeService
from warehouse_mfa.webauthn.services.credentials import WebAuthnService
from warehouse_mfa.webauthn.services.passkeys import PasskeyService

__all__ = ["ChallengeService", "PasskeyService", "WebAuthnService"]
