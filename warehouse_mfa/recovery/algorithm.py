"""Recovery codes as people read and type them. Pure.

A code is 120 random bits in Crockford's Base 32, in groups of four. What looks alike is read alike,
case and separators do not matter; nothing else is forgiven.
"""

CODES = 8
CODE_BYTES = 15  # 120 bits; ASVS 5.0 6.5.2 asks for 112
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = CODE_BYTES * 8 // 5
GROUP = 4
LOOKS_LIKE = str.maketrans({"O": "0", "I": "1", "L": "1"})
SEPARATORS = str.maketrans({"-": None, " ": None})


def format_code(code: bytes) -> str:
    """Return the text of a code: `7KQ4-…`, 24 characters in groups of four."""
    number = int.from_bytes(code, "big")
    text = "".join(ALPHABET[number >> shift & 31] for shift in range(LENGTH * 5 - 5, -5, -5))
    return "-".join(text[start : start + GROUP] for start in range(0, LENGTH, GROUP))


def parse_code(text: str) -> bytes | None:
    """Return the 15 bytes of what was typed, `None` if it is no code."""
    compact = " ".join(text.split()).upper().translate(SEPARATORS).translate(LOOKS_LIKE)
    if len(compact) != LENGTH or any(character not in ALPHABET for character in compact):
        return None
    number = 0
    for character in compact:
        number = number << 5 | ALPHABET.index(character)
    return number.to_bytes(CODE_BYTES, "big")
