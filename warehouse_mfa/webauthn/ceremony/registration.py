"""Registration: a new credential. WebAuthn L3 §7.1."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from webauthn import generate_registration_options, verify_registration_response
from webauthn.helpers import options_to_json_dict
from webauthn.helpers.structs import (
    AttestationConveyancePreference,
    AuthenticatorSelectionCriteria,
    CredentialDeviceType,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from warehouse_mfa.webauthn.ceremony.answers import (
    check_not_framed,
    client_data_of,
    credential_id_of,
    is_discoverable,
    transports_of,
)
from warehouse_mfa.webauthn.ceremony.options import TIMEOUT_MS, descriptor
from warehouse_mfa.webauthn.ceremony.public_keys import ALGORITHMS, check_public_key
from warehouse_mfa.webauthn.ceremony.values import (
    CeremonyRefused,
    KnownCredential,
    NewCredential,
    NotDiscoverable,
    RelyingParty,
    UserAccount,
    guarded,
)

SHORTEST_ID = 16  # L3 §4, Credential ID: at least 16 bytes with 100 bits of entropy
LONGEST_ID = 1023  # L3 §4, Credential ID
SECURITY_KEY = AuthenticatorSelectionCriteria(
    resident_key=ResidentKeyRequirement.DISCOURAGED,
    user_verification=UserVerificationRequirement.DISCOURAGED,
)
"""What any key does, asked for after the password. L3 §5.4.4."""
PASSKEY = AuthenticatorSelectionCriteria(
    resident_key=ResidentKeyRequirement.REQUIRED,
    user_verification=UserVerificationRequirement.REQUIRED,
)
"""What logs in without a password: the authenticator finds it, and verifies its user."""


def registration_options(
    party: RelyingParty,
    user: UserAccount,
    challenge: bytes,
    exclude: Collection[KnownCredential],
    selection: AuthenticatorSelectionCriteria = SECURITY_KEY,
) -> dict[str, Any]:
    """Return the options of a registration as `parseCreationOptionsFromJSON` reads them. §5.4."""
    options = generate_registration_options(
        rp_id=party.id,
        rp_name=party.name,
        user_id=user.handle,
        user_name=user.name,
        user_display_name=user.display_name,
        challenge=challenge,
        timeout=TIMEOUT_MS,
        attestation=AttestationConveyancePreference.NONE,
        authenticator_selection=selection,
        supported_pub_key_algs=ALGORITHMS,
    )
    # Whether it became discoverable is asked of the client: the authenticator does not say.
    extensions = {"extensions": {"credProps": True}} if _is_required(selection) else {}
    return {
        **options_to_json_dict(options),
        "excludeCredentials": [descriptor(credential) for credential in exclude],
        **extensions,
    }


def verify_registration(
    party: RelyingParty,
    credential: dict[str, Any],
    challenge: bytes,
    selection: AuthenticatorSelectionCriteria = SECURITY_KEY,
) -> NewCredential:
    """Verify the answer to a registration that asked for `selection`. L3 §7.1.

    :raises NotDiscoverable: when everything else is right. :raises CeremonyRefused: otherwise.
    """
    client_data = client_data_of(credential)
    check_not_framed(client_data)
    verified = guarded(
        lambda: verify_registration_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=party.origin,
            require_user_verification=(
                selection.user_verification is UserVerificationRequirement.REQUIRED
            ),
            supported_pub_key_algs=ALGORITHMS,
        )
    )
    _check_id(verified.credential_id, credential)
    guarded(lambda: check_public_key(verified.credential_public_key))
    # A client that says nothing has done what was required of it.
    if _is_required(selection) and is_discoverable(credential) is False:
        raise NotDiscoverable("the client made no discoverable credential")
    is_eligible = verified.credential_device_type is CredentialDeviceType.MULTI_DEVICE
    return NewCredential(
        id=verified.credential_id,
        public_key=verified.credential_public_key,
        sign_count=verified.sign_count,
        transports=transports_of(credential),
        aaguid=UUID(verified.aaguid),
        is_backup_eligible=is_eligible,
        is_backed_up=verified.credential_backed_up,
        is_user_verified=verified.user_verified,
    )


def _check_id(attested_id: bytes, credential: dict[str, Any]) -> None:
    if not SHORTEST_ID <= len(attested_id) <= LONGEST_ID:  # L3 §7.1, credential ID length
        raise CeremonyRefused("credential id too short or too long")
    if credential_id_of(credential) != attested_id:
        raise CeremonyRefused("outer and attested credential id differ")


def _is_required(selection: AuthenticatorSelectionCriteria) -> bool:
    return selection.resident_key is ResidentKeyRequirement.REQUIRED
