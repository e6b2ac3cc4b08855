"""Authentication: an assertion by a credential that is known. WebAuthn L3 §7.2."""

from collections.abc import Collection
from typing import Any

from webauthn import generate_authentication_options, verify_authentication_response
from webauthn.helpers import options_to_json_dict
from webauthn.helpers.structs import CredentialDeviceType, UserVerificationRequirement

from warehouse_mfa.webauthn.ceremony.answers import (
    check_not_framed,
    client_data_of,
    from_base64url,
    response_of,
)
from warehouse_mfa.webauthn.ceremony.options import TIMEOUT_MS, descriptor
from warehouse_mfa.webauthn.ceremony.values import (
    Assertion,
    CeremonyRefused,
    CounterDidNotRise,
    KnownCredential,
    RelyingParty,
    StoredCredential,
    guarded,
)


def passkey_options(party: RelyingParty, challenge: bytes) -> dict[str, Any]:
    """Return the options of an authentication by whoever has not said a name. §5.5.

    With nothing to allow, the authenticator finds a discoverable credential and says whose it is.
    """
    return authentication_options(party, challenge, (), UserVerificationRequirement.REQUIRED)


def authentication_options(
    party: RelyingParty,
    challenge: bytes,
    allow: Collection[KnownCredential],
    user_verification: UserVerificationRequirement = UserVerificationRequirement.DISCOURAGED,
) -> dict[str, Any]:
    """Return the options of an authentication as `parseRequestOptionsFromJSON` reads them. §5.5."""
    options = generate_authentication_options(
        rp_id=party.id,
        challenge=challenge,
        timeout=TIMEOUT_MS,
        user_verification=user_verification,
    )
    return {
        **options_to_json_dict(options),
        "allowCredentials": [descriptor(credential) for credential in allow],
    }


def verify_passkey(
    party: RelyingParty, credential: dict[str, Any], challenge: bytes, stored: StoredCredential
) -> Assertion:
    """Verify an assertion of somebody who gave no name: it says itself whose it is, and of whom.

    The user handle must be there, and the user was verified. L3 §7.2. :raises: as
    `verify_authentication`.
    """
    if response_of(credential).get("userHandle") is None:
        raise CeremonyRefused("no user handle")  # L3 §7.2, userHandle
    return verify_authentication(
        party, credential, challenge, stored, UserVerificationRequirement.REQUIRED
    )


def verify_authentication(
    party: RelyingParty,
    credential: dict[str, Any],
    challenge: bytes,
    stored: StoredCredential,
    user_verification: UserVerificationRequirement = UserVerificationRequirement.DISCOURAGED,
) -> Assertion:
    """Verify the answer to an authentication by one credential. L3 §7.2.

    :raises CounterDidNotRise: when everything else is right. :raises CeremonyRefused: otherwise.
    """
    _check_user_handle(credential, stored)
    check_not_framed(client_data_of(credential))
    verified = guarded(
        lambda: verify_authentication_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=party.origin,
            credential_public_key=stored.public_key,
            # The count is compared below, where a count that does not rise is told apart.
            credential_current_sign_count=0,
            require_user_verification=user_verification is UserVerificationRequirement.REQUIRED,
        )
    )
    is_eligible = verified.credential_device_type is CredentialDeviceType.MULTI_DEVICE
    if is_eligible is not stored.is_backup_eligible:  # L3 §7.2, backup eligibility
        raise CeremonyRefused("backup eligibility changed")
    count = verified.new_sign_count
    if (count or stored.sign_count) and count <= stored.sign_count:  # L3 §7.2, signCount
        raise CounterDidNotRise(f"sign count {count} after {stored.sign_count}")
    return Assertion(count, verified.credential_backed_up, verified.user_verified)


def _check_user_handle(credential: dict[str, Any], stored: StoredCredential) -> None:
    handle = response_of(credential).get("userHandle")
    if handle is None:
        return
    if not isinstance(handle, str) or from_base64url(handle) != stored.user_handle:
        raise CeremonyRefused("user handle of somebody else")  # L3 §7.2, userHandle
