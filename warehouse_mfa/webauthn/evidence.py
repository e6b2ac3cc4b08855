"""Whether evidence proves what it says: years later, offline, from its bytes alone. Pure.

A key signed authenticator data and the SHA-256 of client data, client data hold the challenge, and the
challenge holds the SHA-256 of the facts. L3 §7.2, but for what only the moment could tell: whether the
challenge was fresh and ours, and whether the counter rose.
"""

import base64
import binascii
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import rfc8785
from translationstring import TranslationString

from warehouse_mfa.evidence.interfaces import Evidence, Signed
from warehouse_mfa.i18n import _
from warehouse_mfa.webauthn import ceremony
from warehouse_mfa.webauthn.ceremony import CeremonyRefused
from warehouse_mfa.webauthn.challenge import BODY, LENGTH, VERSION, Purpose

FACTS = {"version", "site", "action", "target", "actor", "time", "nonce"}
HASH_BYTES = 32
USER_PRESENT = 0x01  # L3 §6.1, flags


@dataclass(frozen=True)
class _Answer:
    """Evidence with a signature, and what its parts hold; nothing where a part cannot be read."""

    evidence: Evidence
    signed: Signed

    @cached_property
    def client_data(self) -> dict[str, Any]:
        return _object(self.signed.client_data)

    @cached_property
    def challenge(self) -> bytes:
        text = self.client_data.get("challenge")
        try:
            encoded = str(text).encode("ascii")
            found = base64.b64decode(
                encoded + b"=" * (-len(encoded) % 4), altchars=b"-_", validate=True
            )
        except (binascii.Error, UnicodeEncodeError):
            return b""
        return found if len(found) == LENGTH else b""

    def holds(self, part: int, value: object) -> bool:
        """Tell whether a part of the body of the challenge is that: 0 the version, 1 the purpose…"""
        return bool(self.challenge) and BODY.unpack(self.challenge[: BODY.size])[part] == value


def _is_assertion(answer: _Answer) -> bool:
    return answer.client_data.get("type") == "webauthn.get"


def _is_confirmation(answer: _Answer) -> bool:
    return answer.holds(0, VERSION) and answer.holds(1, Purpose.CONFIRM)


def _is_about_facts(answer: _Answer) -> bool:
    return answer.holds(4, hashlib.sha256(answer.evidence.facts).digest())


def _is_of_origin(answer: _Answer) -> bool:
    is_framed = answer.client_data.get("crossOrigin", False) is not False
    is_framed = is_framed or "topOrigin" in answer.client_data
    return answer.client_data.get("origin") == answer.evidence.origin and not is_framed


def _is_of_site(answer: _Answer) -> bool:
    return _object(answer.evidence.facts).get("site") == answer.evidence.origin


def _is_of_relying_party(answer: _Answer) -> bool:
    expected = hashlib.sha256(answer.evidence.rp_id.encode()).digest()
    return answer.signed.authenticator_data[:HASH_BYTES] == expected


def _is_user_present(answer: _Answer) -> bool:
    flags = answer.signed.authenticator_data[HASH_BYTES : HASH_BYTES + 1]
    return bool(flags) and bool(flags[0] & USER_PRESENT)


def _is_signed(answer: _Answer) -> bool:
    signed = answer.signed
    try:
        ceremony.verify_signature(
            signed.public_key,
            signed.signature,
            signed.authenticator_data + hashlib.sha256(signed.client_data).digest(),
        )
    except CeremonyRefused:
        return False
    return True


NOT_FACTS = _("The facts are not canonical JSON, or not those of an act.")
CHECKS: tuple[tuple[Callable[[_Answer], bool], TranslationString], ...] = (
    (_is_assertion, _("What was signed is no answer to being asked for a key.")),  # type
    (_is_confirmation, _("What was signed was not asked for to confirm an act.")),
    (_is_about_facts, _("What was signed does not hold the SHA-256 of the facts.")),  # challenge
    (_is_of_origin, _("It was signed for pages of another origin, or inside of them.")),  # origin
    (_is_of_site, _("The facts name another site than the one that it was signed for.")),
    (_is_of_relying_party, _("It was signed for another RP ID.")),  # rpIdHash
    (_is_user_present, _("Nobody touched the key.")),  # user presence
    (_is_signed, _("The signature is not that of the key.")),  # signature
)


def failures(evidence: Evidence) -> list[TranslationString]:
    """Return a sentence for everything that is wrong, none when the evidence is whole.

    Whole evidence without a signature still proves nothing by itself.
    """
    wrong = [] if _are_facts(evidence.facts) else [NOT_FACTS]
    if evidence.signed is not None:
        answer = _Answer(evidence, evidence.signed)
        wrong += [sentence for check, sentence in CHECKS if not check(answer)]
    return wrong


def _are_facts(facts: bytes) -> bool:
    found = _object(facts)
    try:
        return found.keys() >= FACTS and rfc8785.dumps(found) == facts
    except rfc8785.CanonicalizationError:
        return False


def _object(text: bytes) -> dict[str, Any]:
    """Return a JSON object, an empty one for anything else."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
