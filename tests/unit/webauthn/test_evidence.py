"""Evidence is checked from its bytes alone, and whoever changes one of them is found out."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import rfc8785

from tests.common.authenticator import SoftwareAuthenticator
from tests.common.clock import START
from warehouse_mfa.evidence.interfaces import Evidence, Signed
from warehouse_mfa.webauthn import ceremony, challenge
from warehouse_mfa.webauthn.ceremony import KnownCredential, RelyingParty, UserAccount
from warehouse_mfa.webauthn.challenge import Audience, Purpose
from warehouse_mfa.webauthn.evidence import failures

ORIGIN = "https://pypi.example"
PARTY = RelyingParty("pypi.example", "Package Index", ORIGIN)
FACTS = {
    "version": 1,
    "site": ORIGIN,
    "action": "account:delete",
    "target": {"account": "bob"},
    "actor": {"id": str(UUID(int=7)), "username": "bob"},
    "time": "2026-11-23T01:50:00+00:00",
    "nonce": "AAAAAAAAAAAAAAAAAAAAAA",
}


def made(
    facts: dict[str, Any] = FACTS, purpose: Purpose = Purpose.CONFIRM, **overrides: Any
) -> Evidence:
    """Return the evidence of an act that a key has confirmed; `overrides` as it takes them."""
    text = rfc8785.dumps(facts)
    key = SoftwareAuthenticator()
    user = UserAccount(b"u" * 64, "bob", "Bob")
    registered = key.create(ceremony.registration_options(PARTY, user, b"c" * 32, ()), ORIGIN)
    public_key = ceremony.verify_registration(PARTY, registered, b"c" * 32).public_key
    asked = challenge.make(
        lambda message: hashlib.sha256(message).digest(),
        Audience(purpose, UUID(int=7), 1, b"act"),
        nonce=b"n" * challenge.NONCE_BYTES,
        expires_at=START + timedelta(minutes=5),
        facts=hashlib.sha256(text).digest(),
    )
    credential_id = ceremony.credential_id_of(registered)
    options = ceremony.authentication_options(PARTY, asked, [KnownCredential(credential_id, ())])
    parts = ceremony.signed_parts(key.get(options, ORIGIN, **overrides))
    signed = Signed(credential_id, public_key, *parts)
    return Evidence(UUID(int=1), text, "webauthn", PARTY.id, ORIGIN, signed)


def said(evidence: Evidence) -> list[str]:
    return [str(sentence.interpolate()) for sentence in failures(evidence)]


def flipped(value: bytes, at: int = -1) -> bytes:
    """Return bytes of which one is another."""
    changed = bytearray(value)
    changed[at] ^= 1
    return bytes(changed)


def tampered(**parts: Callable[[bytes], bytes]) -> Evidence:
    """Return evidence of which somebody changed signed parts."""
    evidence = made()
    assert evidence.signed is not None
    changed = {name: change(getattr(evidence.signed, name)) for name, change in parts.items()}
    return replace(evidence, signed=replace(evidence.signed, **changed))


def test_what_a_key_confirmed_is_whole() -> None:
    assert failures(made()) == []


@pytest.mark.parametrize("name", ["action", "target", "actor", "time", "nonce"])
def test_other_facts_are_not_those_that_were_signed(name: str) -> None:
    forged = rfc8785.dumps({**FACTS, name: "another"})

    found = said(replace(made(), facts=forged))

    assert found == ["What was signed does not hold the SHA-256 of the facts."]


@pytest.mark.parametrize("part", ["signature", "authenticator_data", "public_key"])
def test_one_changed_byte_breaks_the_signature(part: str) -> None:
    assert "The signature is not that of the key." in said(tampered(**{part: flipped}))


def test_client_data_for_other_facts_break_the_signature() -> None:
    evidence = made({**FACTS, "target": {"account": "alice"}})
    other = made()
    assert evidence.signed is not None
    assert other.signed is not None

    forged = replace(other, signed=replace(other.signed, client_data=evidence.signed.client_data))

    assert said(forged) == [
        "What was signed does not hold the SHA-256 of the facts.",
        "The signature is not that of the key.",
    ]


def test_the_key_of_somebody_else_did_not_sign() -> None:
    other = made().signed
    assert other is not None

    assert said(tampered(public_key=lambda _: other.public_key)) == [
        "The signature is not that of the key."
    ]


@pytest.mark.parametrize(
    ("overrides", "sentence"),
    [
        (
            {"type": "webauthn.create"},
            "What was signed is no answer to being asked for a key.",
        ),
        ({"user_present": False}, "Nobody touched the key."),
        ({"rp_id": "evil.example"}, "It was signed for another RP ID."),
        (
            {"client_data": {"origin": "https://evil.example"}},
            "It was signed for pages of another origin, or inside of them.",
        ),
        (
            {"cross_origin": True},
            "It was signed for pages of another origin, or inside of them.",
        ),
        ({"challenge": b"short"}, "What was signed does not hold the SHA-256 of the facts."),
        ({"client_data_json": b"[]"}, "What was signed does not hold the SHA-256 of the facts."),
        ({"authenticator_data": b""}, "Nobody touched the key."),
    ],
)
def test_what_a_key_signed_for_something_else_is_found_out(
    overrides: dict[str, Any], sentence: str
) -> None:
    assert sentence in said(made(**overrides))


@pytest.mark.parametrize("purpose", [Purpose.LOGIN, Purpose.REGISTER])
def test_an_answer_that_was_asked_for_otherwise_confirms_nothing(purpose: Purpose) -> None:
    assert said(made(purpose=purpose)) == ["What was signed was not asked for to confirm an act."]


def test_facts_of_another_site_are_found_out() -> None:
    assert said(made({**FACTS, "site": "https://test.pypi.example"})) == [
        "The facts name another site than the one that it was signed for."
    ]


@pytest.mark.parametrize(
    "facts",
    [
        json.dumps(FACTS).encode(),
        rfc8785.dumps({"action": "account:delete"}),
        b"null",
        b"\xff",
        b'{"version":NaN}',
    ],
)
def test_what_is_not_canonical_is_no_fact(facts: bytes) -> None:
    weaker = replace(made(), facts=facts, factor="totp", signed=None)

    assert said(weaker) == ["The facts are not canonical JSON, or not those of an act."]
