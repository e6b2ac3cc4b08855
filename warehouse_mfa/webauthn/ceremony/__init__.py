"""The two ceremonies, WebAuthn L3 §7.1 and §7.2. Pure: no request, database or clock.

py_webauthn checks types, RP ID hash, flags and signatures; what it leaves open is checked here.
Whatever it raises becomes one refusal.
"""

from warehouse_mfa.webauthn.ceremony.answers import challenge_of, credential_id_of, signed_parts
from warehouse_mfa.webauthn.ceremony.authentication import (
    authentication_options,
    passkey_options,
    verify_authentication,
    verify_passkey,
)
from warehouse_mfa.webauthn.ceremony.public_keys import (
    ALGORITHMS,
    KEY_TYPES,
    check_public_key,
    verify_signature,
)
from warehouse_mfa.webauthn.ceremony.registration import (
    PASSKEY,
    SECURITY_KEY,
    registration_options,
    verify_registration,
)
from warehouse_mfa.webauthn.ceremony.values import (
    Assertion,
    CeremonyRefused,
    CounterDidNotRise,
    KnownCredential,
    NewCredential,
    NotDiscoverable,
    RelyingParty,
    StoredCredential,
    UserAccount,
)

__all__ = [
    "ALGORITHMS",
    "KEY_TYPES",
    "PASSKEY",
    "SECURITY_KEY",
    "Assertion",
    "CeremonyRefused",
    "CounterDidNotRise",
    "KnownCredential",
    "NewCredential",
    "NotDiscoverable",
    "RelyingParty",
    "StoredCredential",
    "UserAccount",
    "authentication_options",
    "challenge_of",
    "check_public_key",
    "credential_id_of",
    "passkey_options",
    "registration_options",
    "signed_parts",
    "verify_authentication",
    "verify_passkey",
    "verify_registration",
    "verify_signature",
]
