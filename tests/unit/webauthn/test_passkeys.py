"""Passkeys in the pure core: what is asked for, and what is asked of an answer beyond a key's."""

from typing import Any

import pytest

from tests.common.authenticator import ABSENT, SoftwareAuthenticator, encode_base64url
from warehouse_mfa.webauthn import ceremony
from warehouse_mfa.webauthn.ceremony import (
    PASSKEY,
    Assertion,
    CeremonyRefused,
    CounterDidNotRise,
    NewCredential,
    NotDiscoverable,
    RelyingParty,
    StoredCredential,
    UserAccount,
)

PARTY = RelyingParty("pypi.example", "Package Index", "https://pypi.example")
ALICE = UserAccount(b"h" * 64, "alice", "Alice Example")
CHALLENGE = b"a challenge of the unit tests"


@pytest.fixture
def authenticator() -> SoftwareAuthenticator:
    return SoftwareAuthenticator()


def created(authenticator: SoftwareAuthenticator, **overrides: Any) -> dict[str, Any]:
    options = ceremony.registration_options(PARTY, ALICE, CHALLENGE, (), PASSKEY)
    return authenticator.create(options, PARTY.origin, **overrides)


def register(authenticator: SoftwareAuthenticator, **overrides: Any) -> NewCredential:
    answer = created(authenticator, **overrides)
    return ceremony.verify_registration(PARTY, answer, CHALLENGE, PASSKEY)


def log_in(authenticator: SoftwareAuthenticator, new: NewCredential, **overrides: Any) -> Assertion:
    options = ceremony.passkey_options(PARTY, CHALLENGE)
    stored = StoredCredential(new.id, new.public_key, 0, new.is_backup_eligible, ALICE.handle)
    answer = authenticator.get(options, PARTY.origin, **overrides)
    return ceremony.verify_passkey(PARTY, answer, CHALLENGE, stored)


# Asked for


def test_a_passkey_is_required_to_be_discoverable_and_to_verify_its_user() -> None:
    options = ceremony.registration_options(PARTY, ALICE, CHALLENGE, (), PASSKEY)

    assert options["authenticatorSelection"] == {
        "residentKey": "required",
        "requireResidentKey": True,
        "userVerification": "required",
    }
    assert options["extensions"] == {"credProps": True}


def test_a_key_is_not_asked_whether_it_is_discoverable() -> None:
    options = ceremony.registration_options(PARTY, ALICE, CHALLENGE, ())

    assert "extensions" not in options


def test_the_options_of_a_login_name_no_credential() -> None:
    assert ceremony.passkey_options(PARTY, b"challenge") == {
        "rpId": "pypi.example",
        "challenge": encode_base64url(b"challenge"),
        "timeout": 300_000,
        "userVerification": "required",
        "allowCredentials": [],
    }


# Registration


def test_registration_takes_a_passkey(authenticator: SoftwareAuthenticator) -> None:
    assert register(authenticator).is_user_verified


@pytest.mark.attack("P-081")
def test_registration_refuses_a_passkey_that_did_not_verify_its_user(
    authenticator: SoftwareAuthenticator,
) -> None:
    with pytest.raises(CeremonyRefused):
        register(authenticator, user_verified=False)


def test_registration_refuses_what_the_client_says_is_not_discoverable(
    authenticator: SoftwareAuthenticator,
) -> None:
    members = {"clientExtensionResults": {"credProps": {"rk": False}}}

    with pytest.raises(NotDiscoverable):
        register(authenticator, members=members)


@pytest.mark.parametrize(
    "results",
    [
        pytest.param(ABSENT, id="absent"),
        None,
        [],
        {},
        {"credProps": None},
        {"credProps": {}},
        {"credProps": {"rk": 0}},
    ],
)
def test_registration_believes_a_client_that_says_nothing(
    authenticator: SoftwareAuthenticator, results: object
) -> None:
    register(authenticator, members={"clientExtensionResults": results})


# Login


def test_a_passkey_logs_in(authenticator: SoftwareAuthenticator) -> None:
    assert log_in(authenticator, register(authenticator)).is_user_verified


@pytest.mark.attack("P-081")
@pytest.mark.parametrize(
    "handle",
    [ABSENT, None, b"", b"x" * 64, "*", 5, [], True],
    ids=["absent", "null", "empty", "other", "odd", "number", "list", "true"],
)
def test_login_refuses_another_user_handle_and_none(
    authenticator: SoftwareAuthenticator, handle: object
) -> None:
    new = register(authenticator)

    with pytest.raises(CeremonyRefused):
        log_in(authenticator, new, user_handle=handle)


@pytest.mark.attack("P-081")
def test_login_refuses_a_passkey_that_did_not_verify_its_user(
    authenticator: SoftwareAuthenticator,
) -> None:
    new = register(authenticator)

    with pytest.raises(CeremonyRefused):
        log_in(authenticator, new, user_verified=False)


def test_a_count_that_does_not_rise_accuses_nobody_who_was_not_verified(
    authenticator: SoftwareAuthenticator,
) -> None:
    new = register(authenticator, sign_count=9)
    stored = StoredCredential(new.id, new.public_key, 9, new.is_backup_eligible, ALICE.handle)
    options = ceremony.passkey_options(PARTY, CHALLENGE)
    answer = authenticator.get(options, PARTY.origin, sign_count=3, user_verified=False)

    with pytest.raises(CeremonyRefused) as refusal:
        ceremony.verify_passkey(PARTY, answer, CHALLENGE, stored)

    assert not isinstance(refusal.value, CounterDidNotRise)
