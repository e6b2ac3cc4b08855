"""Answers of authenticators, changed at any depth: JSON, client data, CBOR, authenticator data, key.

A change below is wrapped up again as an authenticator does it, and an assertion is signed again, so
that what comes after the signature is reached, too.
"""

import json
import struct
from hashlib import sha256
from random import Random
from typing import Any

import cbor2

from dev.fuzz.texts import changed_bytes, changed_text, odd_text
from tests.common import cose
from tests.common.authenticator import (
    ATTESTED_CREDENTIAL_DATA,
    EXTENSION_DATA,
    SoftwareAuthenticator,
    decode_base64url,
    encode_base64url,
)

RP_ID_HASH = 32
FIXED = struct.Struct(">32sBI")  # WebAuthn L3 §6.1: rpIdHash, flags, signCount
LENGTH = struct.Struct(">16sH")  # §6.5.1: aaguid, credentialIdLength
DEEP = 300
BYTES_MEMBERS = ("clientDataJSON", "authenticatorData", "attestationObject", "signature")
UNREADABLE = (
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    RecursionError,
    struct.error,
    cbor2.CBORError,
)
NUMBERS = (0, 1, -1, 23, 24, 255, 256, 65535, 65536, 2**31, 2**32, 2**53, 2**63, 2**64, -(2**64))


def changed_credential(random: Random, text: str, key: SoftwareAuthenticator | None) -> str:
    """Return the JSON text of a credential, changed somewhere and signed again by `key`."""
    if random.random() < 0.1:
        return changed_text(random, text)
    try:
        return _changed_inside(random, json.loads(text), key)
    except UNREADABLE:
        # An earlier change has left nothing that could be taken apart.
        return changed_text(random, text)


def _changed_inside(
    random: Random, credential: dict[str, Any], key: SoftwareAuthenticator | None
) -> str:
    response = credential["response"]
    match random.randrange(9):
        case 0 | 1:
            return json.dumps(changed_value(random, credential, odd_json))
        case 2 | 3:
            _change(random, response, "clientDataJSON", changed_json_bytes)
        case 4 | 5 if "attestationObject" in response:
            _change(random, response, "attestationObject", changed_attestation)
        case 4 | 5 if "authenticatorData" in response:
            _change(random, response, "authenticatorData", changed_authenticator_data)
        case _:
            member = random.choice([name for name in BYTES_MEMBERS if name in response])
            _change(random, response, member, changed_bytes)
    if random.random() < 0.8:
        _sign_again(credential, key)
    return json.dumps(credential)


def _change(random: Random, response: dict[str, Any], member: str, change: Any) -> None:
    response[member] = encode_base64url(change(random, decode_base64url(response[member])))


def _sign_again(credential: dict[str, Any], key: SoftwareAuthenticator | None) -> None:
    response = credential["response"]
    if key is None or "signature" not in response:
        return
    own = key.credentials[decode_base64url(credential["id"])]
    data = decode_base64url(response["authenticatorData"])
    client_data = decode_base64url(response["clientDataJSON"])
    signed = data + sha256(client_data).digest()
    response["signature"] = encode_base64url(cose.sign(own.private_key, own.algorithm, signed))


# Trees of JSON and CBOR


def changed_value(random: Random, value: Any, odd: Any) -> Any:
    """Return a tree with one of its nodes replaced by an odd one, dropped, doubled or wrapped."""
    if isinstance(value, dict) and value and random.random() < 0.85:
        name = random.choice(list(value))
        changed = dict(value)
        match random.randrange(8):
            case 0:
                del changed[name]
            case 1:
                changed[odd_text(random)] = changed.pop(name)
            case 2:
                changed[random.choice(list(value))] = value[name]
            case _:
                changed[name] = changed_value(random, value[name], odd)
        return changed
    if isinstance(value, list) and value and random.random() < 0.85:
        place = random.randrange(len(value))
        return [
            *value[:place],
            changed_value(random, value[place], odd),
            *value[place + random.randrange(2) :],
        ]
    if isinstance(value, str) and random.random() < 0.5:
        return changed_text(random, value)
    if isinstance(value, bytes) and random.random() < 0.6:
        return changed_bytes(random, value)
    if isinstance(value, int) and random.random() < 0.5:
        return value + random.choice((-1, 1, 2**8, 2**32))
    return odd(random, value)


def odd_json(random: Random, value: Any) -> Any:
    match random.randrange(8):
        case 0:
            return None
        case 1:
            return random.choice((True, False))
        case 2:
            return random.choice((*NUMBERS, 0.5, 1e308, float("nan"), float("inf")))
        case 3:
            return [value]
        case 4:
            return {"id": value}
        case 5:
            return {}
        case _:
            return odd_text(random)


def odd_cbor(random: Random, value: Any) -> Any:
    match random.randrange(9):
        case 0:
            return None
        case 1:
            return cbor2.undefined
        case 2:
            return random.choice((*NUMBERS, True, 0.5, float("nan")))
        case 3:
            return random.randbytes(random.randrange(70))
        case 4:
            return [value]
        case 5:
            return {random.choice((1, -1, "fmt", "authData")): value}
        case 6:
            return cbor2.CBORTag(random.choice((0, 2, 24, 258, 55799)), value)
        case 7:
            return cbor2.CBORSimpleValue(random.choice((0, 19, 32, 255)))
        case _:
            return odd_text(random).encode("utf-8", "replace").decode()


# Layers, from the outside in


def changed_json_bytes(random: Random, data: bytes) -> bytes:
    if random.random() < 0.3:
        return changed_bytes(random, data)
    changed = changed_value(random, json.loads(data), odd_json)
    return json.dumps(changed, ensure_ascii=random.random() < 0.5).encode("utf-8", "surrogatepass")


def changed_attestation(random: Random, data: bytes) -> bytes:
    if random.random() < 0.15:
        return malformed_cbor(random, data)
    attestation = cbor2.loads(data)
    if random.random() < 0.7:
        attestation["authData"] = changed_authenticator_data(random, attestation["authData"])
    else:
        attestation = changed_value(random, attestation, odd_cbor)
    return written_cbor(attestation)


def changed_authenticator_data(random: Random, data: bytes) -> bytes:
    """Return authenticator data with another flag, count, length, key or extension. L3 §6.1."""
    if random.random() < 0.25 or len(data) < FIXED.size:
        return changed_bytes(random, data)
    rp_id_hash, flags, count = FIXED.unpack_from(data)
    rest = data[FIXED.size :]
    match random.randrange(5):
        case 0:
            flags ^= 1 << random.randrange(8)
        case 1:
            count = random.choice((0, 1, 2, 2**31 - 1, 2**31, 2**32 - 1))
        case 2:
            flags |= EXTENSION_DATA
            rest += written_cbor(random.choice(({}, {"credProtect": 2}, [], None, {1: {2: b""}})))
        case 3 if flags & ATTESTED_CREDENTIAL_DATA:
            rest = _changed_key(random, rest)
        case _:
            rest = malformed_cbor(random, rest)
    return FIXED.pack(rp_id_hash, flags, count) + rest


def _changed_key(random: Random, attested: bytes) -> bytes:
    if len(attested) < LENGTH.size:
        return attested
    aaguid, length = LENGTH.unpack_from(attested)
    credential_id = attested[LENGTH.size : LENGTH.size + length]
    if random.random() < 0.3:
        length = random.choice((0, 1, 15, 16, 1023, 1024, 65535))
        credential_id = random.randbytes(random.choice((0, length, max(0, length - 1))))
    key: Any = cbor2.loads(attested[LENGTH.size + len(credential_id) :] or b"\xa0")
    if isinstance(key, dict) and random.random() < 0.4:
        name = random.choice((1, 3, -1, -2, -3))
        key[name] = random.choice((*range(-10, 10), -35, -48, -257, b"", bytes(32), b"\x04" * 64))
    else:
        key = changed_value(random, key, odd_cbor)
    return LENGTH.pack(aaguid, length) + credential_id + written_cbor(key)


def written_cbor(value: Any) -> bytes:
    """Return CBOR of whatever a change has made; what has no form in it becomes bytes."""
    try:
        return cbor2.dumps(value)
    except (cbor2.CBOREncodeError, UnicodeEncodeError, TypeError):
        return cbor2.dumps(repr(value).encode("ascii", "backslashreplace"))


def malformed_cbor(random: Random, data: bytes) -> bytes:
    """Return what no encoder writes: lengths that are not there, items without end, deep nesting."""
    head = random.choice(
        (
            b"\x9f" * DEEP,
            b"\x81" * DEEP + b"\x00",
            b"\xa1\x00" * DEEP + b"\x00",
            b"\xc0" * DEEP + b"\x00",
            b"\x5b\xff\xff\xff\xff\xff\xff\xff\xff",
            b"\x7a\x7f\xff\xff\xff",
            b"\x9b\x7f\xff\xff\xff\xff\xff\xff\xff",
            b"\xbb\x00\x00\x00\x01\x00\x00\x00\x00",
            b"\x5f\x41a\xff",
            b"\xbf\x61a\x01\xff",
            b"\xa2\x01\x02\x01\x03",
            b"\xa1\xa1\x00\x00\x00",
            b"\xa1\x80\x00",
            b"\xc2\x58\x40" + bytes(64),
            b"\xd8\x1c\xa1\x00\xd8\x1d\x00",
            b"\xc1\xfb\x7f\xef\xff\xff\xff\xff\xff\xff",
            b"\xc0\x78\x02no",
            b"\xd8\x23\x63(((",
            b"\xf8\x18",
            b"\xff",
            b"",
        )
    )
    place = random.randrange(len(data) + 1)
    return random.choice((head, head + data, data[:place] + head, data + head))
