"""What a new password must be. Pure; REQUIREMENTS.md, NIST SP 800-63B-4 §3.1.1, ASVS 5.0 6.2."""

import unicodedata
from functools import cache
from typing import Any

from pyramid.path import DottedNameResolver

from warehouse_mfa.accounts.interfaces import PasswordRefused
from warehouse_mfa.i18n import _

SHORTEST = 8
SHORTEST_ALONE = 15
"""Where a password may be the only factor."""
LONGEST = 4096
LONGEST_BYTES = 64 * 1024
"""Before normalization, which can multiply the length."""
WEAKEST_SCORE = 3
STRENGTH = "warehouse_mfa.accounts.strength"

TOO_SHORT = _("Use at least ${least} characters.")
TOO_LONG = _("Use at most ${most} characters.", mapping={"most": LONGEST})
IS_ABOUT_YOU = _("Do not use your name, your address or the name of this site as password.")
IS_COMMON = _("This is one of the passwords that are tried first. Use another.")
IS_BREACHED = _(
    "This password was stolen from another site, and is among those that are tried first. Use another."
)
IS_EASY = _("This is easy to guess. Add another word or two: a phrase is strong and easy to keep.")


def normalize(password: str) -> str:
    """Return the password in NFKC: the same keys typed on two systems are the same password.

    :raises PasswordRefused: when it is too long.
    """
    if len(password.encode("utf-8", "surrogatepass")) > LONGEST_BYTES:
        raise PasswordRefused(TOO_LONG)
    normalized = unicodedata.normalize("NFKC", password)
    if len(normalized) > LONGEST:
        raise PasswordRefused(TOO_LONG)
    return normalized


def check(password: str, *, shortest: int, about: list[str]) -> None:
    """Check a normalized password. `about` are words an attacker tries first: name, address, site.

    :raises PasswordRefused: with the rule that it breaks.
    """
    if len(password) < shortest:
        raise PasswordRefused(TOO_SHORT % {"least": shortest})
    lowered = password.lower()
    if any(lowered == word.lower() for word in about):
        raise PasswordRefused(IS_ABOUT_YOU)
    if _strength().is_common(lowered):
        raise PasswordRefused(IS_COMMON)
    if _strength().score(password, about) < WEAKEST_SCORE:
        raise PasswordRefused(IS_EASY)


@cache
def _strength() -> Any:
    return DottedNameResolver().resolve(STRENGTH)
