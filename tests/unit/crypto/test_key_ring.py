"""The key ring: keys per purpose and deployment, values that open only where they belong."""

import base64
import itertools
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from zope.interface.verify import verifyObject

from warehouse_mfa.crypto import CannotOpen, IKeyRing, KeyRing, digest, equal
from warehouse_mfa.crypto.keys import NONCE_BYTES, generate_key, parse_keys
from warehouse_mfa.entropy import SystemEntropy

OLD = ("old", b"o" * 32)
NEW = ("new", b"n" * 32)
SITE = "https://pypi.example"
SECRET = b"a shared secret"


def ring(*keys: tuple[str, bytes], deployment: str = SITE) -> KeyRing:
    return KeyRing(keys or (NEW,), deployment)


def sealed(keys: KeyRing, purpose: str = "totp", bound_to: bytes = b"row 1") -> bytes:
    return keys.seal(purpose, SECRET, bound_to=bound_to)


def test_the_key_ring_is_what_its_interface_says() -> None:
    assert verifyObject(IKeyRing, ring())


def test_a_key_ring_without_keys_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one key"):
        KeyRing([], SITE)


# Sealing


@given(
    plaintext=st.binary(max_size=200),
    bound_to=st.binary(max_size=40),
    purpose=st.text(st.characters(codec="utf-8"), max_size=30),
)
@settings(max_examples=50, deadline=None)
def test_what_was_sealed_opens(plaintext: bytes, bound_to: bytes, purpose: str) -> None:
    keys = ring()

    value = keys.seal(purpose, plaintext, bound_to=bound_to)

    assert keys.open(purpose, value, bound_to=bound_to) == plaintext


def test_a_sealed_value_does_not_show_what_is_in_it() -> None:
    assert SECRET not in sealed(ring())


def test_the_same_value_is_never_sealed_the_same_way() -> None:
    keys = ring()

    nonces = {sealed(keys)[4 : 4 + NONCE_BYTES] for _ in range(100)}

    assert len(nonces) == 100


def test_a_sealed_value_does_not_open_for_another_identity() -> None:
    keys = ring()

    with pytest.raises(CannotOpen):
        keys.open("totp", sealed(keys, bound_to=b"row 1"), bound_to=b"row 2")


def test_a_sealed_value_does_not_open_for_another_purpose() -> None:
    keys = ring()

    with pytest.raises(CannotOpen):
        keys.open("cookie:flash", sealed(keys, "totp"), bound_to=b"row 1")


def test_a_sealed_value_does_not_open_at_another_deployment() -> None:
    test_site = ring(deployment="https://test.pypi.example")

    with pytest.raises(CannotOpen):
        test_site.open("totp", sealed(ring()), bound_to=b"row 1")


def test_purpose_and_deployment_do_not_run_into_each_other() -> None:
    assert ring(deployment="ab").mac("c", b"m") != ring(deployment="a").mac("bc", b"m")


def test_changing_any_bit_of_a_sealed_value_is_noticed() -> None:
    keys = ring()
    value = sealed(keys)

    for place, bit in itertools.product(range(len(value)), range(8)):
        changed = bytearray(value)
        changed[place] ^= 1 << bit
        with pytest.raises(CannotOpen):
            keys.open("totp", bytes(changed), bound_to=b"row 1")


def test_a_sealed_value_that_is_cut_anywhere_does_not_open() -> None:
    keys = ring()
    value = sealed(keys)

    for length in range(len(value)):
        with pytest.raises(CannotOpen):
            keys.open("totp", value[:length], bound_to=b"row 1")


@given(rubbish=st.binary(max_size=100))
@settings(max_examples=200, deadline=None)
def test_rubbish_does_not_open_and_raises_nothing_else(rubbish: bytes) -> None:
    with pytest.raises(CannotOpen):
        ring().open("totp", rubbish, bound_to=b"row 1")


# Rotation


def test_after_a_rotation_the_old_key_still_opens() -> None:
    value = sealed(ring(OLD))

    assert ring(NEW, OLD).open("totp", value, bound_to=b"row 1") == SECRET


def test_after_a_rotation_the_new_key_seals() -> None:
    keys = ring(NEW, OLD)

    value = sealed(keys)

    assert keys.key_id_of(value) == keys.current_id == "new"
    with pytest.raises(CannotOpen):
        ring(OLD).open("totp", value, bound_to=b"row 1")


def test_a_key_that_was_dropped_opens_nothing() -> None:
    value = sealed(ring(OLD))

    with pytest.raises(CannotOpen, match="does not hold"):
        ring(NEW).open("totp", value, bound_to=b"row 1")


def test_a_key_that_only_has_the_same_name_opens_nothing() -> None:
    value = sealed(ring(("key", b"1" * 32)))

    with pytest.raises(CannotOpen):
        ring(("key", b"2" * 32)).open("totp", value, bound_to=b"row 1")


def test_the_ids_are_in_the_order_of_the_setting() -> None:
    assert ring(NEW, OLD).ids == ("new", "old")


def test_a_value_without_a_key_id_is_refused() -> None:
    for value in (b"", b"\x00", b"\x03\xff\xff\xff"):
        with pytest.raises(CannotOpen):
            ring().key_id_of(value)


# Authentication codes


def test_a_mac_belongs_to_message_purpose_and_deployment() -> None:
    keys = ring()
    mac = keys.mac("csrf", b"message")

    assert len(mac) == 32
    assert keys.is_mac("csrf", b"message", mac)
    assert not keys.is_mac("csrf", b"massage", mac)
    assert not keys.is_mac("rate limit", b"message", mac)
    assert not ring(deployment="https://test.pypi.example").is_mac("csrf", b"message", mac)


def test_a_mac_of_an_older_key_is_known_after_a_rotation_and_not_after_its_end() -> None:
    mac = ring(OLD).mac("csrf", b"message")

    assert ring(NEW, OLD).is_mac("csrf", b"message", mac)
    assert not ring(NEW).is_mac("csrf", b"message", mac)


@pytest.mark.parametrize("mac", [b"", b"x", b"x" * 31, b"x" * 33])
def test_a_mac_of_another_length_is_none(mac: bytes) -> None:
    assert not ring().is_mac("csrf", b"message", mac)


def test_every_purpose_has_a_key_of_its_own() -> None:
    purposes = {"csrf", "rate limit", "totp", "cookie:flash", "cookie:mailed"}

    macs = {ring().mac(purpose, b"") for purpose in purposes}

    assert len(macs) == len(purposes)


# The setting

KEY = base64.b64encode(b"k" * 32).decode()
OTHER = base64.b64encode(b"l" * 40).decode()


def test_keys_are_read_newest_first() -> None:
    assert parse_keys(f" new:{KEY}, old:{OTHER} ,") == [("new", b"k" * 32), ("old", b"l" * 40)]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "It holds no key. `warehouse-mfa keys generate` makes one."),
        (" , ,", "It holds no key. `warehouse-mfa keys generate` makes one."),
        (KEY, "Each key must read id:base64"),
        (f":{KEY}", "Each key must read id:base64"),
        (f"1st:{KEY}", "Each key must read id:base64"),
        (f"a-b:{KEY}", "Each key must read id:base64"),
        (f"clé:{KEY}", "Each key must read id:base64"),
        (f"{'a' * 33}:{KEY}", "Each key must read id:base64"),
        ("new:!", "The key new is not base64."),
        ("new:äöü", "The key new is not base64."),
        (f"new:{KEY[:-2]}", "The key new is not base64."),
        (f"new:{KEY}:more", "The key new is not base64."),
        ("new:", "The key new is shorter than 32 bytes."),
        (f"new:{base64.b64encode(b'k' * 31).decode()}", "The key new is shorter than 32 bytes."),
        (f"new:{KEY},new:{OTHER}", "The key id new is given twice."),
    ],
)
def test_keys_that_cannot_be_used_are_refused_with_a_sentence(text: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=re.escape(sentence)) as refused:
        parse_keys(text)

    assert KEY not in str(refused.value)


def test_a_generated_key_can_be_used_and_is_another_one_each_time() -> None:
    keys = [parse_keys(generate_key(SystemEntropy(), "new")) for _ in range(20)]

    assert all(len(key) == 32 for ((_, key),) in keys)
    assert len({key for ((_, key),) in keys}) == 20


def test_a_digest_is_sha_256_and_values_are_compared_whole() -> None:
    assert digest(b"abc").hex() == (
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    )
    assert equal(b"one", b"one")
    assert not equal(b"one", b"ones")
