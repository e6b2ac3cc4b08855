"""How soon a password is guessed, as zxcvbn estimates it.

Its word lists take 12 MB and a twentieth of a second, which a process spends at the first new password
it sees: logins, workers and commands need none. Hence `password_rules` finds this module by its name.
"""

from typing import Any

from zxcvbn import zxcvbn
from zxcvbn.matching import RANKED_DICTIONARIES

READS = 72  # characters; zxcvbn takes no more
COMMON = RANKED_DICTIONARIES["passwords"]  # by their rank


def is_common(lowered: str) -> bool:
    """Tell whether this is one of the passwords that are tried first; give it in lower case."""
    return lowered in COMMON


def score(password: str, about: list[str]) -> int:
    """Return 0 (guessed at once) to 4; `about` are words that an attacker tries first."""
    estimate: dict[str, Any] = zxcvbn(password[:READS], user_inputs=about)
    return int(estimate["score"])
