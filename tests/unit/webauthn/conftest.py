"""Honest answers to both ceremonies, for tests that change something about them."""

from dataclasses import dataclass
from typing import Any

import pytest

from tests.common.authenticator import SoftwareAuthenticator
from warehouse_mfa.webauthn import ceremony
from warehouse_mfa.webauthn.ceremony import (
    Assertion,
    KnownCredential,
    NewCredential,
    RelyingParty,
    StoredCredential,
    UserAccount,
)

PARTY = RelyingParty("pypi.example", "Package Index", "https://pypi.example")
ALICE = UserAccount(b"h" * 64, "alice", "Alice Example")
CHALLENGE = b"a challenge of the unit tests"


@dataclass
class Ceremonies:
    """Both ceremonies with one authenticator, at one party, for one account and challenge."""

    authenticator: SoftwareAuthenticator

    def created(self, **overrides: Any) -> dict[str, Any]:
        """Return the answer to a registration; `overrides` as the authenticator takes them."""
        options = ceremony.registration_options(PARTY, ALICE, CHALLENGE, exclude=())
        return self.authenticator.create(options, PARTY.origin, **overrides)

    def verify_created(self, credential: dict[str, Any]) -> NewCredential:
        return ceremony.verify_registration(PARTY, credential, CHALLENGE)

    def register(self, **overrides: Any) -> NewCredential:
        return self.verify_created(self.created(**overrides))

    def got(self, new: NewCredential, **overrides: Any) -> dict[str, Any]:
        """Return the answer to an authentication by a credential that was registered."""
        allow = [KnownCredential(new.id, new.transports)]
        options = ceremony.authentication_options(PARTY, CHALLENGE, allow)
        return self.authenticator.get(options, PARTY.origin, **overrides)

    def verify_got(
        self, new: NewCredential, credential: dict[str, Any], *, sign_count: int = 0
    ) -> Assertion:
        stored = StoredCredential(
            new.id, new.public_key, sign_count, new.is_backup_eligible, ALICE.handle
        )
        return ceremony.verify_authentication(PARTY, credential, CHALLENGE, stored)

    def authenticate(
        self, new: NewCredential, *, stored_count: int = 0, **overrides: Any
    ) -> Assertion:
        return self.verify_got(new, self.got(new, **overrides), sign_count=stored_count)


@pytest.fixture
def ceremonies() -> Ceremonies:
    return Ceremonies(SoftwareAuthenticator())
