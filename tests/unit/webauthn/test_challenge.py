"""Challenges that authenticate themselves."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from warehouse_mfa.crypto import KeyRing
from warehouse_mfa.webauthn import challenge as challenges
from warehouse_mfa.webauthn.challenge import Audience, ChallengeInvalid, Opened, Purpose

KEYS = KeyRing([("new", bytes(32)), ("old", b"o" * 32)], deployment="tests")
OLD_KEYS = KeyRing([("old", b"o" * 32)], deployment="tests")
OTHER_SITE = KeyRing([("new", bytes(32))], deployment="another site")
NOW = datetime(2026, 12, 1, 12, 0, 0, tzinfo=UTC)
EXPIRES = NOW + timedelta(minutes=5)
NONCE = bytes(range(16))
ALICE = Audience(Purpose.LOGIN, UUID(int=1), security_epoch=3, occasion=b"pending login 01")


def make(audience: Audience = ALICE, keys: KeyRing = KEYS, facts: bytes | None = None) -> bytes:
    more = {} if facts is None else {"facts": facts}
    return challenges.make(
        lambda message: keys.mac("test", message),
        audience,
        nonce=NONCE,
        expires_at=EXPIRES,
        **more,
    )


def read(
    challenge: bytes, audience: Audience = ALICE, at: datetime = NOW, keys: KeyRing = KEYS
) -> Opened:
    return challenges.read(
        lambda message, mac: keys.is_mac("test", message, mac), audience, challenge, at
    )


def test_read_returns_what_was_made() -> None:
    opened = read(make())

    assert opened == Opened(NONCE, EXPIRES, bytes(32))


def test_read_returns_the_facts_that_an_answer_confirms() -> None:
    assert read(make(facts=b"f" * 32)).facts == b"f" * 32


def test_a_challenge_holds_sixteen_random_bytes_and_fits_an_authenticator() -> None:
    challenge = make()

    assert NONCE in challenge
    assert len(challenge) == challenges.LENGTH < 128


@pytest.mark.parametrize(
    "audience",
    [
        replace(ALICE, purpose=Purpose.REGISTER),
        replace(ALICE, user_id=UUID(int=2)),
        replace(ALICE, security_epoch=4),
        replace(ALICE, occasion=b"pending login 02"),
        replace(ALICE, occasion=b"pending login 0"),
        replace(ALICE, occasion=b""),
    ],
    ids=["purpose", "account", "epoch", "occasion", "shorter occasion", "no occasion"],
)
def test_read_refuses_a_challenge_for_another_audience(audience: Audience) -> None:
    with pytest.raises(ChallengeInvalid):
        read(make(), audience)


@pytest.mark.attack("P-057")
def test_read_refuses_a_challenge_from_its_end_on() -> None:
    challenge = make()

    assert read(challenge, at=EXPIRES - timedelta(microseconds=1))
    with pytest.raises(ChallengeInvalid, match="too old"):
        read(challenge, at=EXPIRES)


def test_read_takes_a_challenge_under_a_key_that_was_rotated() -> None:
    assert read(make(keys=OLD_KEYS)).nonce == NONCE


@pytest.mark.parametrize("keys", [OLD_KEYS, OTHER_SITE], ids=["key dropped", "other site"])
def test_read_refuses_a_challenge_under_a_key_that_is_not_ours(keys: KeyRing) -> None:
    with pytest.raises(ChallengeInvalid):
        read(make(), keys=keys)


def test_read_refuses_a_challenge_made_under_another_name_for_the_key() -> None:
    challenge = challenges.make(
        lambda message: KEYS.mac("another purpose", message),
        ALICE,
        nonce=NONCE,
        expires_at=EXPIRES,
    )

    with pytest.raises(ChallengeInvalid):
        read(challenge)


@pytest.mark.parametrize(
    "change",
    [
        lambda challenge: b"",
        lambda challenge: challenge[:-1],
        lambda challenge: challenge[1:],
        lambda challenge: challenge + b"\0",
        lambda challenge: challenge[: -challenges.MAC_BYTES],
        lambda challenge: challenge[: -challenges.MAC_BYTES] + bytes(32),
        lambda challenge: bytes(len(challenge)),
    ],
    ids=["empty", "cut", "shifted", "longer", "no MAC", "zero MAC", "zeros"],
)
def test_read_refuses_what_was_not_made_here(change: object) -> None:
    with pytest.raises(ChallengeInvalid):
        read(change(make()))  # type: ignore[operator]


@pytest.mark.parametrize("place", range(challenges.LENGTH))
def test_read_refuses_a_challenge_with_one_byte_changed(place: int) -> None:
    challenge = bytearray(make())
    challenge[place] ^= 1

    with pytest.raises(ChallengeInvalid):
        read(bytes(challenge))


@settings(deadline=None)
@given(st.binary() | st.binary(min_size=challenges.LENGTH, max_size=challenges.LENGTH))
def test_read_refuses_any_bytes_cleanly(challenge: bytes) -> None:
    with pytest.raises(ChallengeInvalid):
        read(challenge)
